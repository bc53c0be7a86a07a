/**
 * Concatenative attention: `score(q, h_e) = v · tanh(W [q; h_e])`.
 *
 * Reference: Luong, Pham and Manning, 2015, equation 8, https://arxiv.org/abs/1508.04025
 *
 * `W [q; h_e]` is the sum of `W`'s upper rows by the query and its lower rows by the entry: the latter are the keys.
 *
 * Shapes: H query depth, D memory depth, A attention units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { weight } from '../model/weight.ts';
import { normalArray } from '../tensor/random.ts';
import { scoreEnergy } from './additive.ts';
import { type AttentionScore, projectEntries } from './score.ts';

/** Weights: `kernel` W, transposed, `[H + D, A]`, `score` v `[A]`. */
export const concat: AttentionScore = {
  init: ({ queryDepth, memoryDepth, attentionUnits }, random) => ({
    kernel: normalArray(random, [queryDepth + memoryDepth, attentionUnits], 1 / Math.sqrt(queryDepth + memoryDepth)),
    score: normalArray(random, [attentionUnits], 1 / Math.sqrt(attentionUnits)),
  }),
  keyDepth: ({ attentionUnits }) => attentionUnits,
  keys: (weights, entries) => {
    const kernel = weight(weights, 'kernel') as tf.Tensor2D; // [H + D, A]
    const depth = entries.shape[2];
    return projectEntries(entries, tf.slice(kernel, [kernel.shape[0] - depth, 0], [depth, kernel.shape[1]]));
  },
  score: (weights, { query, keys }) => {
    const kernel = weight(weights, 'kernel') as tf.Tensor2D; // [H + D, A]
    const projected = tf.matMul(query, tf.slice(kernel, [0, 0], [query.shape[1], kernel.shape[1]])); // [B, A]
    return scoreEnergy(weights, tf.add(keys, tf.expandDims(projected, 1)));
  },
  readsPreviousAlignment: false,
};
