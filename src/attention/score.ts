import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import type { AttentionSizes } from './mechanism.ts';

/**
 * How well a query matches each entry of a memory: the part in which softmax attention differs from kind to kind.
 *
 * Weights go by the mechanism's own short names (`query`, `key`, ...). B batch, E entries, X depth of an entry, K depth
 * of a key.
 */
export type AttentionScore = {
  /** First weights by short name. Throws `option/out-of-range` where the sizes do not suit the mechanism. */
  readonly init: (sizes: AttentionSizes, random: Random) => Record<string, HostArray>;
  /** K */
  readonly keyDepth: (sizes: AttentionSizes) => number;
  /**
   * Projects the entries, `[B, E, X]` -> `[B, E, K]`, to what the score needs of them: once a memory, not once a query.
   */
  readonly keys: (weights: Weights, entries: tf.Tensor3D) => tf.Tensor3D;
  /** Unnormalised match of a query with every entry, `[B, E]`. */
  readonly score: (weights: Weights, inputs: ScoreInputs) => tf.Tensor2D;
  /** Whether `score` looks at the alignment of the query before. */
  readonly readsPreviousAlignment: boolean;
};

export type ScoreInputs = {
  /** `[B, H]` */ readonly query: tf.Tensor2D;
  /** `[B, E, K]` */ readonly keys: tf.Tensor3D;
  /** `[B, E]`: of the query before, which location features look at; absent at the first, the same as zeros. */
  readonly previousAlignment?: tf.Tensor2D | undefined;
};

/** `entries W`: `[B, E, X]` by `[X, K]` gives `[B, E, K]`. */
export function projectKeys(entries: tf.Tensor3D, kernel: tf.Tensor2D): tf.Tensor3D {
  const [, count, depth] = entries.shape;
  const rows = tf.matMul(tf.reshape<tf.Rank.R2>(entries, [-1, depth]), kernel);
  return tf.reshape(rows, [-1, count, kernel.shape[1]]);
}

/** Adds a query's part, `[B, K]`, to every key of its row, `[B, E, K]`. */
export function addToKeys(keys: tf.Tensor3D, query: tf.Tensor2D): tf.Tensor3D {
  return tf.add(keys, tf.expandDims(query, 1));
}
