/**
 * Average pooling: every entry that may be seen has the same share, whatever the query. What attention is compared with.
 *
 *     alignment_e = exp(bias_e) / Σ exp(bias)
 *
 * even, or by mass where the bias holds log-masses.
 *
 * Reference: kernel regression of a kernel that is the same everywhere (Nadaraya, 1964, https://doi.org/10.1137/1109020)
 *
 * Departures: none.
 *
 * Shapes: B batch, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import { maskedSoftmax } from './hidden.ts';
import { type AttentionMechanism, defineMechanism } from './mechanism.ts';

/**
 * No weights, no state; the query is not looked at.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { averagePooling, paddingBias } from 'hearken/attention';
 *
 * const values = tf.tensor3d([[[1], [2], [6], [99]]]); // [1, 4, 1], the last one padding
 * const prepared = averagePooling.prepare({}, { values, bias: paddingBias([3], 4) });
 * const { context } = averagePooling.attend({}, tf.zeros([1, 1]), prepared, {});
 * console.log(context.arraySync()[0].map((value) => value.toFixed(4)).join(' '));
 * // => 3.0000
 * ```
 */
export const averagePooling: AttentionMechanism = defineMechanism({
  init: () => ({}),
  keyDepth: ({ memoryDepth }) => memoryDepth,
  keys: (_weights, entries) => tf.clone(entries),
  align: (_weights, _query, { bias }) => ({ alignment: maskedSoftmax(tf.zerosLike(bias), bias) }),
});
