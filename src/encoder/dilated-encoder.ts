/**
 * Gated residual blocks of dilated causal convolutions: a vector sees 1 + (K - 1) Σ d inputs, for few layers.
 *
 *     z = tanh(W_f * x) ⊙ σ(W_g * x),  x ← x + W_r z,  vector = W_o relu(Σ_blocks W_s z)
 *
 * where `*` takes the K inputs that end at the vector's own, d apart in a block of dilation d.
 *
 * Reference: van den Oord et al., 2016, "WaveNet", sections 2.1, 2.3 and 2.4, https://arxiv.org/abs/1609.03499
 *
 * Departures: a dense layer takes the inputs in, which are embeddings or frames and no samples; of the two last layers the first stays.
 *
 * Shapes: B batch, T inputs, X input depth, U units, K kernel.
 */
import * as tf from '@tensorflow/tfjs-core';

import { type Weights, weight } from '../cell/cell.ts';
import { sizeProduct } from '../cell/size.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { pair, tensor2 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import type { EncoderConfig } from './config.ts';
import type { Dropout } from './dropout.ts';
import type { EncoderOutput } from './recurrent-encoder.ts';

type Dilated = Extract<EncoderConfig, { readonly kind: 'dilated' }>;

/** The states: of each block the (K - 1) d inputs before the chunk. */
export function dilatedStates({ units, kernel, dilations }: Dilated): Record<string, TensorSpec> {
  return Object.fromEntries(
    dilations.map((dilation, block) => [`state.inputs.${block}`, floats('B', (kernel - 1) * dilation, units)]),
  );
}

/** Encodes `inputs`, `[B, T, X]`, going on from `states`. */
export function encodeDilated(
  weights: Weights,
  { units, kernel, dilations }: Dilated,
  inputs: tf.Tensor3D,
  states: Readonly<Record<string, tf.Tensor>>,
  dropout: Dropout,
): EncoderOutput {
  return tf.tidy(() => {
    const [batch, length, depth] = inputs.shape;
    const rows = sizeProduct(batch, length);
    const next: Record<string, tf.Tensor> = {};
    let x = dense(weights, 'encoder.inputProjection', tf.reshape<tf.Rank.R2>(inputs, [rows, depth])); // [B T, U]
    let skipped: tf.Tensor2D | undefined;
    for (const [block, dilation] of dilations.entries()) {
      const name = `encoder.dilated.${block}`;
      const state = `state.inputs.${block}`;
      const padded = tf.concat([weight(states, state), tf.reshape(dropout(x), [batch, length, units])], 1);
      next[state] = tf.slice(padded, [0, length, 0], [batch, (kernel - 1) * dilation, units]);
      const taps = Array.from({ length: kernel }, (_, tap) =>
        tf.slice(padded, [0, tap * dilation, 0], [batch, length, units]),
      );
      const columns = tf.reshape<tf.Rank.R2>(tf.concat(taps, 2), [rows, kernel * units]);
      const [filter, gate] = pair(tf.split<tf.Tensor2D>(dense(weights, name, columns), 2, 1));
      const z = tf.mul<tf.Tensor2D>(tf.tanh(filter), tf.sigmoid(gate)); //                              [B T, U]
      const skip = tf.matMul<tf.Tensor2D>(z, tensor2(weights, `${name}.skip`));
      skipped = skipped === undefined ? skip : tf.add(skipped, skip);
      const isLast = block === dilations.length - 1; // what the last block would hand on, no block takes in
      if (!isLast) x = tf.add(x, tf.matMul(z, tensor2(weights, `${name}.residual`)));
    }
    const vectors = dense(weights, 'encoder.output', tf.relu(skipped ?? x));
    return { vectors: tf.reshape(vectors, [batch, length, units]), states: next };
  });
}

function dense(weights: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.matMul(x, tensor2(weights, `${name}.kernel`)), weight(weights, `${name}.bias`));
}

/** First weights: kernels N(0, 1 / inputs), biases 0. */
export function initDilated(
  { units, kernel, dilations }: Dilated,
  depth: number,
  random: Random,
): Record<string, HostArray> {
  const matrix = (inputs: number, outputs: number): HostArray =>
    normalArray(random, [inputs, outputs], 1 / Math.sqrt(inputs));
  const layer = (name: string, inputs: number, outputs: number): Record<string, HostArray> => ({
    [`${name}.kernel`]: matrix(inputs, outputs),
    [`${name}.bias`]: { shape: [outputs], data: new Float32Array(outputs) },
  });
  const weights = layer('encoder.inputProjection', depth, units);
  for (const block of dilations.keys()) {
    const name = `encoder.dilated.${block}`;
    Object.assign(weights, layer(name, kernel * units, 2 * units), {
      [`${name}.skip`]: matrix(units, units),
      ...(block === dilations.length - 1 ? {} : { [`${name}.residual`]: matrix(units, units) }),
    });
  }
  return { ...weights, ...layer('encoder.output', units, units) };
}
