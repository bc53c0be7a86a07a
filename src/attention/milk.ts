/**
 * Monotonic infinite lookback attention, MILk: soft attention over everything up to a monotonic stop.
 *
 *     β_j = Σ_{k >= j} α_k exp(u_j) / Σ_{l <= k} exp(u_l),  u = score + bias
 *
 * Reference: Arivazhagan et al., 2019, the expectation over stops, https://arxiv.org/abs/1906.05218
 *
 * With Z_k = log Σ_{l <= k} exp(u_l) the sum over k is a recurrence towards the start whose factors are at most 1,
 *
 *     R_j = α_j + exp(Z_j - Z_{j+1}) R_{j+1},  β_j = exp(u_j - Z_j) R_j
 *
 * Departures: this form; `bias` is added to both logits. The latency term of the paper's loss is `averageLagging` of `hearken/losses`. Over a hierarchical memory's entries, whose
 * oldest are summaries and whose newest are exact vectors, "everything up to a stop" is the whole past in O(log N) entries; where it grows between
 * queries, `carryAhead` of `hearken/memory` takes the state along.
 *
 * Shapes: B batch, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import { type ChunkwiseOptions, defineChunkwise } from './chunkwise.ts';
import type { AttentionMechanism } from './mechanism.ts';
import { earlier, logCumulativeSum, reverseLinearRecurrence } from './scan.ts';

/**
 * Weights: `stop.*` as of `monotonic`, `soft.*` as of the score. State: `ahead` `[B, E]`. An alignment's sum is that of
 * the stops: below 1 where a query may stop nowhere. Throws `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { milk, paddingBias, Random, tensorsOf } from 'hearken/attention';
 *
 * const mechanism = milk({ stops: 'hard' });
 * const sizes = { queryDepth: 3, memoryDepth: 2, attentionUnits: 4 };
 * const weights = tensorsOf(mechanism.init(sizes, Random.seeded(1)));
 * const stopsAnywhere = { ...weights, 'stop.offset': tf.tensor1d([4]) };
 * const prepared = mechanism.prepare(stopsAnywhere, { values: tf.ones([1, 4, 2]), bias: paddingBias([4], 4) });
 * const state = { ahead: tf.tensor2d([[1, 1, 0, 0]]) }; // the query before stopped at entry 2
 * const { alignment } = mechanism.attend(stopsAnywhere, tf.ones([1, 3]), prepared, state);
 * console.log(alignment.arraySync()[0].map((share) => share.toFixed(2)).join(' '));
 * // => 0.33 0.33 0.33 0.00
 * ```
 */
export function milk(options: ChunkwiseOptions = {}): AttentionMechanism {
  return defineChunkwise(options, {
    expected: (stops, logits) => {
      const total = logCumulativeSum(logits); //                                                  Z
      const decay = tf.exp<tf.Tensor2D>(tf.minimum(tf.sub(total, earlier(total, 1, 0)), 0)); //    the last is not used
      return tf.mul(tf.exp(tf.sub(logits, total)), reverseLinearRecurrence(decay, stops));
    },
    seen: ({ stops, ahead }) => tf.add(stops, ahead),
  });
}
