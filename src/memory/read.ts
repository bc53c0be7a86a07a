/**
 * Read: one softmax over the window vectors and the slots of the live roots, multi-head, with a residual path.
 *
 *   alignment[h, q, e] = softmax_e((rms(x_q) W_q)[h] . (rms(s_e) W_k)[h] / sqrt(D/H) + bias[q, e])
 *   y_q = mlp(x_q + concat_h(sum_e alignment[h, q, e] (rms(s_e) W_v)[h]) W_o)
 *
 * after Vaswani et al., 2017, section 3.2, https://arxiv.org/abs/1706.03762. Query and key map start equal: without this
 * prior on matching contents, associative recall stayed at chance.
 *
 * Shapes: B streams, Q queries, E entries, D depth, H heads.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import type { MemoryConfig } from './config.ts';
import { initResidualMlp, residualMlp } from '../encoder/residual-mlp.ts';
import { rmsNorm } from '../encoder/rms-norm.ts';

/** The sizes that a read depends on. */
export type ReadConfig = Pick<MemoryConfig, 'depth' | 'heads'>;

/** Keys and values of entries, which reads need and which are made once when the entry is. */
export type ProjectedEntries = {
  /** `[B, E, D]` */ readonly keys: tf.Tensor3D;
  /** `[B, E, D]` */ readonly values: tf.Tensor3D;
};

export type ReadInputs = ProjectedEntries & {
  /** `[B, Q, D]`: the encoded vectors that ask. */ readonly queries: tf.Tensor3D;
  /** `[B, Q, E]` (or 1 for B): 0 or a log-mass where a query may look, -1e9 elsewhere. */ readonly bias: tf.Tensor3D;
};

export type ReadOutputs = {
  /** `[B, Q, D]` */ readonly outputs: tf.Tensor3D;
  /** `[B, Q, E]`, mean over the heads; rows sum to 1. */ readonly alignment: tf.Tensor3D;
};

/** The read's keys and values of entries `x`, of shape `[B, E, D]`. */
export function projectEntries(weights: Weights, { depth }: ReadConfig, x: tf.Tensor3D): ProjectedEntries {
  assertShape('x', x, [null, null, depth]);
  return tf.tidy(() => {
    const normalized = rmsNorm(tf.reshape<tf.Rank.R2>(x, [-1, depth]));
    const project = (name: string): tf.Tensor3D =>
      tf.reshape(tf.matMul(normalized, weight(weights, name)), [-1, x.shape[1], depth]);
    return { keys: project('memory.read.key'), values: project('memory.read.value') };
  });
}

/** The cell. Throws `tensor/shape` where an input does not fit the others. */
export function read(weights: Weights, config: ReadConfig, inputs: ReadInputs): ReadOutputs {
  const { queries, keys, values, bias } = inputs;
  assertShape('queries', queries, [null, null, config.depth]);
  assertShape('keys', keys, [queries.shape[0], null, config.depth]);
  assertShape('values', values, keys.shape);
  assertShape('bias', bias, [null, queries.shape[1], keys.shape[1]]);
  return tf.tidy(() => {
    const byHead = headAlignment(weights, config, inputs);
    const context = tf.matMul(byHead, splitHeads(config, values)); //                                [B, H, Q, D/H]
    const outputs = outputBlock(weights, config, queries, tf.transpose(context, [0, 2, 1, 3]));
    return { outputs, alignment: meanOfHeads(byHead) };
  });
}

/** `[B, H, Q, E]` to `[B, Q, E]`: sums of whole matrices, which onnxruntime does faster than a mean over an axis in the middle. */
function meanOfHeads(byHead: tf.Tensor4D): tf.Tensor3D {
  const heads = tf.split(byHead, byHead.shape[1], 1).map((head) => tf.squeeze<tf.Tensor3D>(head, [1]));
  return tf.mul<tf.Tensor3D>(tf.addN(heads), 1 / heads.length);
}

/** `[B, H, Q, E]`; rows sum to 1. */
function headAlignment(weights: Weights, config: ReadConfig, { queries, keys, bias }: ReadInputs): tf.Tensor4D {
  const projected = splitHeads(config, projectQueries(weights, config, queries));
  const logits = tf.matMul(projected, splitHeads(config, keys), false, true);
  return tf.softmax<tf.Tensor4D>(tf.add(logits, tf.expandDims(bias, 1)));
}

/** `rms(x) W_q / sqrt(D/H)` for queries `x` of shape `[B, Q, D]`. */
export function projectQueries(weights: Weights, { depth, heads }: ReadConfig, x: tf.Tensor3D): tf.Tensor3D {
  const normalized = rmsNorm(tf.reshape<tf.Rank.R2>(x, [-1, depth]));
  const scaled = tf.mul(weight(weights, 'memory.read.query'), Math.sqrt(heads / depth));
  return tf.reshape(tf.matMul(normalized, scaled), [-1, x.shape[1], depth]);
}

/** `mlp(x + context W_o)` for `context` of shape `[B, Q, H, D/H]`; gives `[B, Q, D]`. */
export function outputBlock(
  weights: Weights,
  { depth }: ReadConfig,
  queries: tf.Tensor3D,
  context: tf.Tensor,
): tf.Tensor3D {
  const rows = tf.reshape<tf.Rank.R2>(queries, [-1, depth]);
  const attended = tf.matMul(tf.reshape<tf.Rank.R2>(context, [-1, depth]), weight(weights, 'memory.read.output'));
  const outputs = residualMlp(weights, 'memory.read.mlp', tf.add(rows, attended));
  return tf.reshape(outputs, [-1, queries.shape[1], depth]);
}

/** `[B, E, D]` to `[B, H, E, D/H]`. */
export function splitHeads({ depth, heads }: ReadConfig, x: tf.Tensor3D): tf.Tensor4D {
  return tf.transpose(tf.reshape<tf.Rank.R4>(x, [-1, x.shape[1], heads, depth / heads]), [0, 2, 1, 3]);
}

/** First weights: query map equal to the key map. */
export function initRead({ depth }: ReadConfig, random: Random): Record<string, HostArray> {
  const map = (): HostArray => normalArray(random, [depth, depth], 1 / Math.sqrt(depth));
  const key = map();
  return {
    'memory.read.query': { shape: key.shape, data: key.data.slice() },
    'memory.read.key': key,
    'memory.read.value': map(),
    'memory.read.output': map(),
    ...initResidualMlp('memory.read.mlp', depth, 1 / Math.sqrt(2 * depth), random),
  };
}
