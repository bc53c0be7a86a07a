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
 * Shapes: B batch, E entries, H query depth, D memory depth, A attention units, K key depth.
 */
import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { normalArray } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import { projectQuery } from './additive.ts';
import { type AttentionScore, projectKeys } from './score.ts';
import { tensor2 } from '../cell/typed-tensors.ts';

/** No weights; the query must be as deep as the entries. */
export const dot: AttentionScore = {
  init: ({ queryDepth, memoryDepth }) => {
    if (queryDepth !== memoryDepth) {
      throw new HearkenError(
        'option/out-of-range',
        `Expected \`queryDepth\` of a dot score to be the memory's depth, ${memoryDepth}, got ${queryDepth}`,
      );
    }
    return {};
  },
  keyDepth: ({ memoryDepth }) => memoryDepth,
  keys: (_weights, entries) => tf.clone(entries),
  score: (_weights, { query, keys }) => innerProducts(query, keys),
  readsPreviousAlignment: false,
};

/** Weights: `key` W, transposed, `[D, H]`. */
export const general: AttentionScore = {
  init: ({ queryDepth, memoryDepth }, random) => ({
    key: normalArray(random, [memoryDepth, queryDepth], 1 / Math.sqrt(memoryDepth * queryDepth)),
  }),
  keyDepth: ({ queryDepth }) => queryDepth,
  keys: (weights, entries) => projectKeys(entries, tensor2(weights, 'key')),
  score: (_weights, { query, keys }) => innerProducts(query, keys),
  readsPreviousAlignment: false,
};

/** Weights: `query` W `[H, A]`, `key` U `[D, A]`. */
export const scaledDot: AttentionScore = {
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
};

/** `[B, K]` with `[B, E, K]` gives `[B, E]`. */
function innerProducts(query: tf.Tensor2D, keys: tf.Tensor3D): tf.Tensor2D {
  assertShape('query', query, [null, keys.shape[2]]);
  const products = tf.matMul(keys, tf.expandDims<tf.Tensor3D>(query, 2)); // [B, E, 1]
  return tf.reshape(products, [-1, keys.shape[1]]);
}
