/**
 * Monotonic chunkwise attention, MoChA: soft attention over the w entries that end at a monotonic stop.
 *
 *     β_j = Σ_{k = j}^{j + w - 1} α_k exp(u_j) / Σ_{l = k - w + 1}^{k} exp(u_l),  u = score + bias
 *
 * Reference: Chiu and Raffel, 2018, the expectation over chunks, https://arxiv.org/abs/1712.05382
 *
 * Departures: a softmax for each chunk in place of the paper's moving sums of exp(u - max u), which underflow where a chunk lies far
 * below the row's largest u. `bias` is added to both logits.
 *
 * Shapes: B batch, E entries, w entries of a chunk.
 */
import * as tf from '@tensorflow/tfjs-core';

import { assertInteger } from '../errors.ts';
import { type ChunkwiseOptions, defineChunkwise } from './chunkwise.ts';
import { HIDDEN } from './hidden.ts';
import type { AttentionMechanism } from './mechanism.ts';
import { earlier, later } from './scan.ts';

export type MochaOptions = ChunkwiseOptions & {
  /** w: entries of a chunk, 1 to 1,024; the paper took 2 to 8. */ readonly chunk: number;
};

/**
 * Weights: `stop.*` as of `monotonic`, `soft.*` as of the score. State: `ahead` `[B, E]`. An alignment's sum is that of
 * the stops: below 1 where a query may stop nowhere. Throws `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { mocha, paddingBias, Random, tensorsOf } from 'hearken/attention';
 *
 * const mechanism = mocha({ chunk: 2, stops: 'hard' });
 * const sizes = { queryDepth: 3, memoryDepth: 2, attentionUnits: 4 };
 * const weights = tensorsOf(mechanism.init(sizes, Random.seeded(1)));
 * const stopsAnywhere = { ...weights, 'stop.offset': tf.tensor1d([4]) };
 * const prepared = mechanism.prepare(stopsAnywhere, { values: tf.ones([1, 4, 2]), bias: paddingBias([4], 4) });
 * const state = { ahead: tf.tensor2d([[1, 1, 0, 0]]) }; // the query before stopped at entry 2
 * const { alignment } = mechanism.attend(stopsAnywhere, tf.ones([1, 3]), prepared, state);
 * console.log(alignment.arraySync()[0].map((share) => share.toFixed(2)).join(' '));
 * // => 0.00 0.50 0.50 0.00
 * ```
 */
export function mocha({ chunk, ...options }: MochaOptions): AttentionMechanism {
  assertInteger('chunk', chunk, 1, 1_024);
  const steps = Array.from({ length: chunk }, (_, back) => back);
  return defineChunkwise(options, {
    expected: (stops, logits) => {
      const chunks = steps.map((back) => later(logits, back, HIDDEN)); // [B, E]: u_{k - back} of the chunk that ends at k
      const largest = chunks.reduce((max, each) => tf.maximum(max, each)); // cancels out: its gradient is 0
      const shares = chunks.map((each) => tf.exp<tf.Tensor2D>(tf.sub(each, largest)));
      const perShare = tf.div<tf.Tensor2D>(stops, tf.addN(shares));
      return tf.addN(shares.map((share, back) => earlier(tf.mul(perShare, share), back, 0)));
    },
    seen: ({ stops }) => tf.addN(steps.map((back) => earlier(stops, back, 0))),
  });
}
