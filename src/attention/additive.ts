/**
 * Additive attention: `score(q, h_e) = v · tanh(W q + U h_e + b)`.
 *
 * Reference: Bahdanau, Cho and Bengio, 2015, appendix A.1.2, https://arxiv.org/abs/1409.0473
 *
 * Departures: the bias b, which the paper does not have; at zero, where it starts, the score is the paper's.
 *
 * Shapes: B batch, E entries, H query depth, X entry depth, A attention units.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import type { AttentionSizes } from './mechanism.ts';
import { addToKeys, type ScoreInputs, projectKeys } from './score.ts';
import { type ScoredAttention, softmaxAttention } from './softmax-attention.ts';

/**
 * Bahdanau's attention. Query and entry may differ in depth. Weights: `query` W `[H, A]`, `key` U `[X, A]`, `bias` b
 * `[A]`, `score` v `[A]`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { additive, paddingBias, Random, tensorsOf } from 'hearken/attention';
 *
 * const sizes = { queryDepth: 6, memoryDepth: 4, attentionUnits: 5 };
 * const weights = tensorsOf(additive.init(sizes, Random.seeded(1)));
 * const values = tf.ones<tf.Rank.R3>([2, 10, 4]); // two memories, of ten entries and of seven
 * const prepared = additive.prepare(weights, { values, bias: paddingBias([10, 7], 10) });
 * const { context, alignment } = additive.attend(weights, tf.ones([2, 6]), prepared, {});
 * console.log(context.shape, alignment.arraySync()[1].map((share) => share.toFixed(2)).join(' '));
 * // => [ 2, 4 ] 0.14 0.14 0.14 0.14 0.14 0.14 0.14 0.00 0.00 0.00
 * ```
 */
export const additive: ScoredAttention = softmaxAttention({
  init: initAdditive,
  keyDepth: ({ attentionUnits }) => attentionUnits,
  keys: (weights, entries) => projectKeys(entries, tensor2(weights, 'key')), // [X, A]
  score: (weights, inputs) => scoreEnergy(weights, additiveEnergy(weights, inputs)),
  readsPreviousAlignment: false,
});

type AdditiveArrays = Record<'query' | 'key' | 'bias' | 'score', HostArray>;

/** Kernels N(0, 1 / inputs), bias 0. */
export function initAdditive(sizes: AttentionSizes, random: Random): AdditiveArrays {
  const { queryDepth, memoryDepth, attentionUnits } = sizes;
  return {
    query: normalArray(random, [queryDepth, attentionUnits], 1 / Math.sqrt(queryDepth)),
    key: normalArray(random, [memoryDepth, attentionUnits], 1 / Math.sqrt(memoryDepth)),
    bias: { shape: [attentionUnits], data: new Float32Array(attentionUnits) },
    score: normalArray(random, [attentionUnits], 1 / Math.sqrt(attentionUnits)),
  };
}

/** `W q`, `[B, A]`. Throws `tensor/shape` unless `query` is as deep as W expects. */
export function projectQuery(weights: Weights, query: tf.Tensor2D): tf.Tensor2D {
  const kernel = tensor2(weights, 'query'); // [H, A]
  assertShape('query', query, [null, kernel.shape[0]]);
  return tf.matMul(query, kernel);
}

/** `W q + U h_e + b`, `[B, E, A]` */
export function additiveEnergy(weights: Weights, { query, keys }: ScoreInputs): tf.Tensor3D {
  return addToKeys(keys, tf.add<tf.Tensor2D>(projectQuery(weights, query), weight(weights, 'bias')));
}

/** `v · tanh(energy)`: `[B, E, A]` to `[B, E]`. */
export function scoreEnergy(weights: Weights, energy: tf.Tensor3D): tf.Tensor2D {
  const [, entries, units] = energy.shape;
  const direction = tf.reshape<tf.Rank.R2>(weight(weights, 'score'), [units, 1]);
  return tf.reshape(tf.matMul(tf.reshape<tf.Rank.R2>(tf.tanh(energy), [-1, units]), direction), [-1, entries]);
}
