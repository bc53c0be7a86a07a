/**
 * Attention by direction: `score(q, h_e) = β cos(q, h_e)`, where `cos(q, h) = q · h / (|q| |h|)`.
 *
 * Reference: Graves, Wayne and Danihelka, 2014, equations 5 and 6, https://arxiv.org/abs/1410.5401
 *
 * Departures: the key strength β is one learned number, not one that the controller gives with each query; it starts at
 * 1, the plain cosine. A vector shorter than 1e-6 is divided by 1e-6 instead of its length, so that one of zeros matches
 * nothing (0) and has a gradient.
 *
 * Shapes: B batch, E entries, H query depth, X entry depth; H = X.
 */
import * as tf from '@tensorflow/tfjs-core';

import { weight } from '../cell/cell.ts';
import { assertSameDepth, innerProducts } from './multiplicative.ts';
import { type ScoredAttention, softmaxAttention } from './softmax-attention.ts';

/** Lengths below this are taken for this. */
const SHORTEST = 1e-6;

/**
 * Weights: `strength` β `[1]`. Queries must be as deep as the entries. With β = 1 the largest share is at most e² ≈ 7.4
 * times the smallest: an alignment becomes sharp only as β grows.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { cosine, paddingBias } from 'hearken/attention';
 *
 * const weights = { strength: tf.tensor1d([10]) };
 * const values = tf.tensor3d([[[1, 0], [0, 5]]]); // [1, 2, 2]: its length does not make an entry match better
 * const prepared = cosine.prepare(weights, { values, bias: paddingBias([2], 2) });
 * const { alignment } = cosine.attend(weights, tf.tensor2d([[3, 0]]), prepared, {});
 * console.log(alignment.arraySync()[0].map((share) => share.toFixed(4)).join(' '));
 * // => 1.0000 0.0000
 * ```
 */
export const cosine: ScoredAttention = softmaxAttention({
  init: (sizes) => {
    assertSameDepth('a cosine', sizes);
    return { strength: { shape: [1], data: Float32Array.of(1) } };
  },
  keyDepth: ({ memoryDepth }) => memoryDepth,
  keys: (_weights, entries) => unitVectors(entries),
  score: (weights, { query, keys }) =>
    tf.mul<tf.Tensor2D>(innerProducts(unitVectors(query), keys), weight(weights, 'strength')),
  readsPreviousAlignment: false,
});

/** Each vector of the last axis divided by its length. */
export function unitVectors<T extends tf.Tensor>(x: T): T {
  const squares = tf.sum(tf.square(x), -1, true);
  return tf.mul(x, tf.rsqrt(tf.maximum(squares, SHORTEST ** 2)));
}
