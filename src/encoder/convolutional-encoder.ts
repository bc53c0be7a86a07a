/**
 * The convolutional encoder: the same dense front, then causal one-dimensional convolutions with residual connections
 * and layer normalisation (Bai, Kolter and Koltun, 2018, without dilation: the memory looks further back than any
 * receptive field). A layer's state is the `kernel - 1` vectors before the chunk.
 *
 * Shapes: B batch, T vectors, F stacked frames flattened, D units, K kernel.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import type { TensorSpec } from '../cell/tensor-spec.ts';
import { weight } from '../cell/cell.ts';
import { sizeProduct } from '../cell/size.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import type { Dropout } from './dropout.ts';
import { layerNorm } from './layer-norm.ts';
import type { EncoderOutput } from './recurrent-encoder.ts';

/** The convolutional encoder's states: each layer's last `kernel - 1` inputs, `[B, K - 1, size]`. */
export function convolutionalStates(units: number, layers: number, kernel: number): Record<string, TensorSpec> {
  const names = Array.from({ length: layers }, (_, layer) => `state.inputs.${layer}`);
  return Object.fromEntries(names.map((name) => [name, { shape: ['B', kernel - 1, units], dtype: 'float32' }]));
}

/** Encodes `frames`, `[B, T, F]`, going on from `states`. */
export function encodeByConvolution(
  weights: Weights,
  { layers, kernel }: { readonly layers: number; readonly kernel: number },
  frames: tf.Tensor3D,
  states: Readonly<Record<string, tf.Tensor>>,
  dropout: Dropout,
): EncoderOutput {
  const [batch, length, depth] = frames.shape;
  const next: Record<string, tf.Tensor> = {};
  const dense = (name: string, x: tf.Tensor2D): tf.Tensor2D => {
    const kernelMatrix = tensor2(weights, `${name}.kernel`); // [inputs, D]
    const projected = tf.add<tf.Tensor2D>(tf.matMul(x, kernelMatrix), weight(weights, `${name}.bias`));
    const normal = layerNorm(projected, weight(weights, `${name}.norm.gain`), weight(weights, `${name}.norm.offset`));
    return tf.relu(normal);
  };
  let hidden: tf.Tensor2D = dense(
    'encoder.inputProjection',
    tf.reshape<tf.Rank.R2>(frames, [sizeProduct(batch, length), depth]),
  ); // [B T, D]
  for (let layer = 0; layer < layers; layer++) {
    const units = hidden.shape[1];
    const name = `state.inputs.${layer}`;
    const inputs = tf.reshape(dropout(hidden), [batch, length, units]);
    const padded = tf.concat([weight(states, name), inputs], 1); //                               [B, T + K - 1, D]
    next[name] = tf.slice(padded, [0, length, 0], [batch, kernel - 1, units]);
    const taps = Array.from({ length: kernel }, (_, tap) => tf.slice(padded, [0, tap, 0], [batch, length, units]));
    const columns = tf.reshape<tf.Rank.R2>(tf.concat(taps, 2), [sizeProduct(batch, length), kernel * units]); //          [B T, K D]
    hidden = tf.add(hidden, dense(`encoder.convolution.${layer}`, columns));
  }
  return { vectors: tf.reshape(hidden, [batch, length, hidden.shape[1]]), states: next };
}
