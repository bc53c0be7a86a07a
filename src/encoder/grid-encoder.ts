/**
 * The encoder of images: a few convolutions make a grid of features of the pixels, whose cells are the parts that a decoder looks at.
 *
 *     x ← relu(norm(W * x + b))                          a layer: K x K pixels, zeros beyond the border, every stride-th
 *     part_i = V x_i + v + p_i,  i = 1..n                p_i a learned vector of the cell's place
 *     final = F [part_1; ...; part_n] + f                the whole grid in one vector
 *
 * Reference: Xu et al., 2015, section 3.1.1 (an image as n features of a convolutional net), https://arxiv.org/abs/1502.03044
 *
 * Departures: the net is trained with the rest, where the paper takes one that was trained before; places are learned vectors, which the
 * paper does without; the decoder's first state is made of `final`, not of the mean of the parts.
 *
 * Shapes: B images, H and W pixels, C channels, n parts, D units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { type Weights, weight } from '../cell/cell.ts';
import { ofRank4, tensor2 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import type { Dropout } from './dropout.ts';
import { type GridEncoderConfig, partCount } from './grid-size.ts';
import { layerNorm } from './layer-norm.ts';
import type { EncoderOutput } from './recurrent-encoder.ts';

/** Encodes images, row by row `[B, H, W C]`, as vectors `[B, n, D]` and `final` `[B, D]`. Dropout goes before the last two maps. */
export function encodeGrid(
  weights: Weights,
  config: GridEncoderConfig,
  images: tf.Tensor3D,
  dropout: Dropout,
): EncoderOutput {
  const { image, kernel, layers, units } = config;
  const count = partCount(config);
  const reach = (kernel - 1) / 2;
  const border: [number, number] = [reach, reach];
  let x = tf.reshape<tf.Rank.R4>(images, [-1, image.height, image.width, image.channels]);
  for (const [layer, { stride }] of layers.entries()) {
    const name = `encoder.grid.${layer}`;
    const padded = tf.pad(x, [[0, 0], border, border, [0, 0]]);
    const convolved = tf.conv2d(padded, ofRank4(weight(weights, `${name}.kernel`)), stride, 'valid');
    const biased = tf.add<tf.Tensor4D>(convolved, weight(weights, `${name}.bias`));
    x = tf.relu(layerNorm(biased, weight(weights, `${name}.norm.gain`), weight(weights, `${name}.norm.offset`)));
  }
  const features = tf.reshape<tf.Rank.R2>(dropout(x), [-1, x.shape[3]]); // [B n, channels]
  const parts = tf.reshape<tf.Rank.R3>(dense(weights, 'encoder.parts', features), [-1, count, units]);
  const vectors = tf.add<tf.Tensor3D>(parts, tensor2(weights, 'encoder.places'));
  const whole = tf.reshape<tf.Rank.R2>(dropout(vectors), [-1, count * units]);
  return { vectors, final: dense(weights, 'encoder.final', whole), states: {} };
}

function dense(weights: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.matMul(x, tensor2(weights, `${name}.kernel`)), weight(weights, `${name}.bias`));
}

/** First weights: kernels N(0, 1 / inputs), places N(0, 0.3²), biases and offsets 0, gains 1. */
export function initGrid(config: GridEncoderConfig, random: Random): Record<string, HostArray> {
  const { image, kernel, layers, units } = config;
  const filled = (size: number, value: number): HostArray => ({
    shape: [size],
    data: new Float32Array(size).fill(value),
  });
  const weights: Record<string, HostArray> = {};
  let inputs = image.channels;
  for (const [layer, { channels }] of layers.entries()) {
    const name = `encoder.grid.${layer}`;
    const deviation = 1 / Math.sqrt(kernel * kernel * inputs);
    weights[`${name}.kernel`] = normalArray(random, [kernel, kernel, inputs, channels], deviation);
    weights[`${name}.bias`] = filled(channels, 0);
    weights[`${name}.norm.gain`] = filled(channels, 1);
    weights[`${name}.norm.offset`] = filled(channels, 0);
    inputs = channels;
  }
  const count = partCount(config);
  return {
    ...weights,
    'encoder.parts.kernel': normalArray(random, [inputs, units], 1 / Math.sqrt(inputs)),
    'encoder.parts.bias': filled(units, 0),
    'encoder.places': normalArray(random, [count, units], 0.3),
    'encoder.final.kernel': normalArray(random, [count * units, units], 1 / Math.sqrt(count * units)),
    'encoder.final.bias': filled(units, 0),
  };
}
