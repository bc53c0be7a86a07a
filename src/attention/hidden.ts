/**
 * Biases: what is added to a score before it becomes an alignment. 0 or the log-mass of an entry that may be seen,
 * `HIDDEN` on one that may not.
 *
 * Shapes: B batch, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';

/**
 * The bias of an entry that may not be seen. Finite, for -Infinity makes NaN of a row that has nothing else; below half
 * of it an entry counts as hidden.
 */
export const HIDDEN = -1e9;

/**
 * A bias that hides everything from row `b`'s entry `entryCounts[b]` on, `[B, E]`. Throws `attention/entry-count` unless
 * every row keeps at least one of the `entries`: a batch has no reason to hold a row of nothing.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { paddingBias } from 'hearken/attention';
 *
 * console.log(paddingBias([3, 1], 3).arraySync());
 * // => [ [ 0, 0, 0 ], [ 0, -1000000000, -1000000000 ] ]
 * ```
 */
export function paddingBias(entryCounts: readonly number[], entries: number): tf.Tensor2D {
  if (entryCounts.some((count) => !Number.isInteger(count) || count < 1 || count > entries)) {
    throw new HearkenError(
      'attention/entry-count',
      `Expected \`entryCounts\` in 1..${entries}, got [${entryCounts.join(', ')}]`,
    );
  }
  const bias = new Float32Array(entryCounts.length * entries);
  for (const [row, count] of entryCounts.entries()) bias.fill(HIDDEN, row * entries + count, (row + 1) * entries);
  return tf.tensor2d(bias, [entryCounts.length, entries]);
}

/** 1 where `bias` lets an entry be seen, 0 where it hides it; of the shape of `bias`. */
export function visibility<T extends tf.Tensor>(bias: T): T {
  return indicator(bias, (x) => tf.greater(x, HIDDEN / 2));
}

/** 1 where `holds`, 0 elsewhere, as a constant: no gradient flows into `x`, where tfjs would refuse to take one. */
export function indicator<T extends tf.Tensor>(x: T, holds: (x: tf.Tensor) => tf.Tensor): T {
  const decide = tf.customGrad<T>((given) => ({
    value: tf.cast(holds(given as tf.Tensor), 'float32') as T, // the argument that is a tensor; element by element
    gradFunc: () => tf.zeros(x.shape), // `x` itself may be gone by then
  }));
  return decide(x);
}

/**
 * `softmax(score + bias)` along the last axis. A row of which every entry is hidden gives zeros, not the even
 * distribution over hidden entries that a softmax would make of it.
 */
export function maskedSoftmax<T extends tf.Tensor>(score: tf.Tensor, bias: T): T {
  const logits = tf.add<T>(score, bias);
  return tf.mul(tf.softmax(logits), visibility(bias));
}
