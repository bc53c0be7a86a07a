/**
 * Attention over a memory, whatever the score: `alignment = softmax(score + bias)`, `context = Σ_e alignment_e h_e`.
 *
 * Reference: Bahdanau, Cho and Bengio, 2015, equations 5 and 6, https://arxiv.org/abs/1409.0473
 *
 * Shapes: B batch, E entries, H query depth, D memory depth, K key depth.
 */
import * as tf from '@tensorflow/tfjs-core';

import { oneOf } from '../arguments.ts';
import { HearkenError } from '../errors.ts';
import type { Weights } from '../cell/cell.ts';
import { Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import { additive } from './additive.ts';
import { concat } from './concat.ts';
import { location } from './location.ts';
import { dot, general, scaledDot } from './multiplicative.ts';
import type { ScoreInputs, AttentionScore, AttentionSizes } from './score.ts';
import type { AttentionScoreName } from './score-name.ts';

/** Every score by its name in a model's configuration. */
export const ATTENTION_SCORES: Readonly<Record<AttentionScoreName, AttentionScore>> = {
  additive,
  location,
  dot,
  general,
  concat,
  'scaled-dot': scaledDot,
};

/** A mechanism with its weights, by the short names of its score. */
export type Attention = { readonly score: AttentionScore; readonly weights: Weights };

/**
 * A mechanism with first weights, always the same for one `seed`, 0 to 2^32 - 1. Its tensors are the caller's: `tf.dispose(weights)`.
 * Throws `option/unknown-value` on a score that there is not, and `option/out-of-range` where the sizes do not suit it.
 */
export function createAttention(name: AttentionScoreName, sizes: AttentionSizes, seed = 1): Attention {
  oneOf(...Object.keys(ATTENTION_SCORES))('score', name);
  const score = ATTENTION_SCORES[name];
  const arrays = Object.entries(score.init(sizes, Random.seeded(seed)));
  const weights = Object.fromEntries(arrays.map(([key, { data, shape }]) => [key, tf.tensor(data, [...shape])]));
  return { score, weights };
}

/** A memory prepared for one mechanism, so that a query pays only for itself. */
export type AttentionMemory = {
  /** `[B, E, D]`, still owned by the caller. */ readonly values: tf.Tensor3D;
  /** `[B, E, K]` */ readonly keys: tf.Tensor3D;
  /** `[B, E]`, added to the score: 0 or a log-mass, and -1e9 on entries that may not be seen. Owned by the caller. */
  readonly bias: tf.Tensor2D;
};

export type Attended = {
  /** `[B, D]` */ readonly context: tf.Tensor2D;
  /** `[B, E]`, each row sums to 1. */ readonly alignment: tf.Tensor2D;
};

/** Makes the keys of `values`, of shape `[B, E, D]`. Throws `tensor/shape`. */
export function prepareMemory(
  { score, weights }: Attention,
  { values, bias }: Pick<AttentionMemory, 'values' | 'bias'>,
): AttentionMemory {
  assertShape('values', values, [null, null, null]);
  assertShape('bias', bias, values.shape.slice(0, 2));
  return { values, bias, keys: tf.tidy(() => score.keys(weights, values)) };
}

/** Aligns a query with the memory. Throws `tensor/shape`. */
export function attend(
  { score, weights }: Attention,
  { values, keys, bias }: AttentionMemory,
  { query, previousAlignment }: Pick<ScoreInputs, 'query' | 'previousAlignment'>,
): Attended {
  const [batch, entries] = values.shape;
  assertShape('query', query, [batch, null]);
  if (previousAlignment !== undefined) assertShape('previousAlignment', previousAlignment, [batch, entries]);
  return tf.tidy(() => {
    const match = score.score(weights, { query, keys, previousAlignment }); //         [B, E]
    const alignment = tf.softmax<tf.Tensor2D>(tf.add(match, bias)); //                  [B, E]
    const context = tf.matMul(tf.expandDims<tf.Tensor3D>(alignment, 1), values); //    [B, 1, D]
    return { context: tf.reshape(context, [-1, values.shape[2]]), alignment };
  });
}

/**
 * A bias that hides everything from row `b`'s entry `entryCounts[b]` on, `[B, E]`. Throws `attention/entry-count` unless
 * every row keeps at least one of the `entries`: an alignment over nothing does not exist.
 */
export function paddingBias(entryCounts: readonly number[], entries: number): tf.Tensor2D {
  if (entryCounts.some((count) => !Number.isInteger(count) || count < 1 || count > entries)) {
    throw new HearkenError(
      'attention/entry-count',
      `Expected \`entryCounts\` in 1..${entries}, got [${entryCounts.join(', ')}]`,
    );
  }
  const bias = new Float32Array(entryCounts.length * entries);
  for (const [row, count] of entryCounts.entries()) bias.fill(-1e9, row * entries + count, (row + 1) * entries);
  return tf.tensor2d(bias, [entryCounts.length, entries]);
}
