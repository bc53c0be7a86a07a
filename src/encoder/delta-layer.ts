/**
 * One layer of linear attention by the gated delta rule (`delta-rule.ts`), beside a residual path:
 *
 *     q = unit(x W_q), k = unit(x W_k), v = x W_v,  b = σ(x w_b + c_b),  log a = -softplus(x w_a + c_a),  y = x + rms(o) W_o
 *
 * each head with keys, values and gates of its own.
 *
 * Reference: Yang, Kautz and Hatamizadeh, 2024, section 3.4, https://arxiv.org/abs/2412.06464
 *
 * Departures: no convolutions before the maps, since the encoder's front sees the input before; no gate of the output.
 *
 * Shapes: T vectors, B batch, U units, H heads, C numbers of a key.
 */
import * as tf from '@tensorflow/tfjs-core';

import { type Weights, weight } from '../cell/cell.ts';
import { sizeProduct } from '../cell/size.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { pair, tensor2 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import type { DeltaLayerConfig } from './config.ts';
import { deltaSequence } from './delta-rule.ts';
import { rmsNorm } from './rms-norm.ts';

/** What goes from chunk to chunk: S, `[B, H, C, U / H]`. */
export function deltaState({ units, heads, keyDepth }: DeltaLayerConfig): TensorSpec {
  return floats('B', heads, keyDepth, units / heads);
}

/** Runs the layer called `name` over `inputs`, `[T, B, U]`, going on from S; gives `[T, B, U]`. */
export function runDeltaLayer(
  weights: Weights,
  name: string,
  { units, heads, keyDepth }: DeltaLayerConfig,
  inputs: tf.Tensor3D,
  state: tf.Tensor4D,
): { readonly outputs: tf.Tensor3D; readonly state: tf.Tensor4D } {
  const [length, batch] = inputs.shape;
  const rows = tf.reshape<tf.Rank.R2>(inputs, [sizeProduct(length, batch), units]);
  const byHead = (x: tf.Tensor, width: number): tf.Tensor4D => tf.reshape(x, [length, batch, heads, width]);
  const mapped = (map: string): tf.Tensor2D => tf.matMul(rows, tensor2(weights, `${name}.${map}`));
  const opened = tf.add<tf.Tensor2D>(mapped('gates.kernel'), weight(weights, `${name}.gates.bias`));
  const [write, fade] = pair(tf.split<tf.Tensor2D>(opened, 2, 1));
  const run = deltaSequence({
    queries: unitLength(byHead(mapped('query'), keyDepth)),
    keys: unitLength(byHead(mapped('key'), keyDepth)),
    values: byHead(mapped('value'), units / heads),
    write: byHead(tf.sigmoid(write), 1),
    logKeep: byHead(tf.neg(tf.softplus(fade)), 1),
    state,
  });
  const recalled = rmsNorm(tf.reshape<tf.Rank.R2>(run.outputs, [sizeProduct(length, batch), units]));
  const outputs = tf.add(rows, tf.matMul<tf.Tensor2D>(recalled, tensor2(weights, `${name}.output`)));
  return { outputs: tf.reshape(outputs, [length, batch, units]), state: run.state };
}

function unitLength(x: tf.Tensor4D): tf.Tensor4D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x), -1, true), 1e-6)));
}

/** Offset of what fades at first: half is left after 2,000 vectors. */
const SLOW = -8;

/** First weights: query map equal to the key map, write gates half open, next to nothing fades. */
export function initDeltaLayer(
  name: string,
  { units, heads, keyDepth }: DeltaLayerConfig,
  random: Random,
): Record<string, HostArray> {
  const map = (columns: number): HostArray => normalArray(random, [units, columns], 1 / Math.sqrt(units));
  const key = map(heads * keyDepth);
  return {
    [`${name}.query`]: { shape: key.shape, data: key.data.slice() },
    [`${name}.key`]: key,
    [`${name}.value`]: map(units),
    [`${name}.gates.kernel`]: normalArray(random, [units, 2 * heads], 0),
    [`${name}.gates.bias`]: { shape: [2 * heads], data: new Float32Array(2 * heads).fill(SLOW, heads) },
    [`${name}.output`]: map(units),
  };
}
