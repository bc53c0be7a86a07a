/**
 * Attention by inner products.
 *
 * - dot: `score(q, h_e) = q · h_e`
 * - general: `score(q, h_e) = qᵀ W h_e`
 * - scaled dot: `score(q, h_e) = (W q) · (U h_e) / √A`
 *
 * References: Luong, Pham and Manning, 2015, equation 8, https://arxiv.org/abs/1508.04025; Vaswani et al., 2017,
 * equation 1, https://arxiv.org/abs/1706.03762
 *
 * Departures: scaled dot averages the entries themselves, not a projection of them (`multiHead` projects).
 *
 * Shapes: B batch, E entries, H query depth, X entry depth, A attention units, K key depth.
 */
import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { normalArray } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import { projectQuery } from './additive.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import type { AttentionSizes } from './mechanism.ts';
import { projectKeys } from './score.ts';
import { type ScoredAttention, softmaxAttention } from './softmax-attention.ts';

/**
 * No weights; queries must be as deep as the entries.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { dot, paddingBias } from 'hearken/attention';
 *
 * const values = tf.tensor3d([[[1, 0], [0, 1], [9, 9]]]); // [1, 3, 2]
 * const prepared = dot.prepare({}, { values, bias: paddingBias([2], 3) }); // the third may not be seen
 * const { context } = dot.attend({}, tf.tensor2d([[2, 0]]), prepared, {});
 * console.log(context.arraySync()[0].map((value) => value.toFixed(4)).join(' '));
 * // => 0.8808 0.1192
 * ```
 */
export const dot: ScoredAttention = softmaxAttention({
  init: (sizes) => {
    assertSameDepth('a dot score', sizes);
    return {};
  },
  keyDepth: ({ memoryDepth }) => memoryDepth,
  keys: (_weights, entries) => tf.clone(entries),
  score: (_weights, { query, keys }) => innerProducts(query, keys),
  readsPreviousAlignment: false,
});

/**
 * Bilinear. Weights: `key` W, transposed, `[X, H]`: applied once a memory, so that a query costs what `dot` costs.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { general, paddingBias } from 'hearken/attention';
 *
 * const weights = { key: tf.tensor2d([[0, 9], [9, 0]]) }; // the first element of an entry meets the query's second
 * const prepared = general.prepare(weights, { values: tf.tensor3d([[[1, 0], [0, 1]]]), bias: paddingBias([2], 2) });
 * const { alignment } = general.attend(weights, tf.tensor2d([[1, 0]]), prepared, {});
 * console.log(alignment.arraySync()[0].map((share) => share.toFixed(3)).join(' '));
 * // => 0.000 1.000
 * ```
 */
export const general: ScoredAttention = softmaxAttention({
  init: ({ queryDepth, memoryDepth }, random) => ({
    key: normalArray(random, [memoryDepth, queryDepth], 1 / Math.sqrt(memoryDepth * queryDepth)),
  }),
  keyDepth: ({ queryDepth }) => queryDepth,
  keys: (weights, entries) => projectKeys(entries, tensor2(weights, 'key')),
  score: (_weights, { query, keys }) => innerProducts(query, keys),
  readsPreviousAlignment: false,
});

/**
 * Weights: `query` W `[H, A]`, `key` U `[X, A]`. The factor keeps the scores' deviation near 1 whatever A.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { paddingBias, Random, scaledDot, tensorsOf } from 'hearken/attention';
 *
 * const weights = tensorsOf(scaledDot.init({ queryDepth: 6, memoryDepth: 4, attentionUnits: 5 }, Random.seeded(1)));
 * const prepared = scaledDot.prepare(weights, { values: tf.ones([2, 3, 4]), bias: paddingBias([3, 2], 3) });
 * const { context, alignment } = scaledDot.attend(weights, tf.ones([2, 6]), prepared, {});
 * console.log(prepared.keys.shape, context.shape, alignment.shape);
 * // => [ 2, 3, 5 ] [ 2, 4 ] [ 2, 3 ]
 * ```
 */
export const scaledDot: ScoredAttention = softmaxAttention({
  init: ({ queryDepth, memoryDepth, attentionUnits }, random) => ({
    query: normalArray(random, [queryDepth, attentionUnits], 1 / Math.sqrt(queryDepth)),
    key: normalArray(random, [memoryDepth, attentionUnits], 1 / Math.sqrt(memoryDepth)),
  }),
  keyDepth: ({ attentionUnits }) => attentionUnits,
  keys: (weights, entries) => projectKeys(entries, tensor2(weights, 'key')),
  score: (weights, { query, keys }) => {
    const projected = projectQuery(weights, query); // [B, A]
    return innerProducts(tf.mul(projected, 1 / Math.sqrt(projected.shape[1])), keys);
  },
  readsPreviousAlignment: false,
});

/** Throws `option/out-of-range` unless queries are as deep as what they are compared with. */
export function assertSameDepth(what: string, { queryDepth, memoryDepth }: AttentionSizes): void {
  if (queryDepth === memoryDepth) return;
  throw new HearkenError(
    'option/out-of-range',
    `Expected \`queryDepth\` of ${what} to be the memory's depth, ${memoryDepth}, got ${queryDepth}`,
  );
}

/** `[B, K]` with `[B, E, K]` gives `[B, E]`. */
export function innerProducts(query: tf.Tensor2D, keys: tf.Tensor3D): tf.Tensor2D {
  assertShape('query', query, [null, keys.shape[2]]);
  const products = tf.matMul(keys, tf.expandDims<tf.Tensor3D>(query, 2)); // [B, E, 1]
  return tf.reshape(products, [-1, keys.shape[1]]);
}
