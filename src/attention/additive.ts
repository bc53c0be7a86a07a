/**
 * Additive attention: `score(q, h_e) = v · tanh(W q + U h_e + b)`.
 *
 * Reference: Bahdanau, Cho and Bengio, 2015, appendix A.1.2, https://arxiv.org/abs/1409.0473
 *
 * Shapes: B batch, E entries, H query depth, D memory depth, A attention units.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import { addToKeys, type ScoreInputs, type AttentionScore, type AttentionSizes, projectKeys } from './score.ts';

/** Weights: `query` W `[H, A]`, `key` U `[D, A]`, `bias` b `[A]`, `score` v `[A]`. */
export const additive: AttentionScore = {
  init: initAdditive,
  keyDepth: ({ attentionUnits }) => attentionUnits,
  keys: (weights, entries) => projectKeys(entries, tensor2(weights, 'key')), // [D, A]
  score: (weights, inputs) => scoreEnergy(weights, additiveEnergy(weights, inputs)),
  readsPreviousAlignment: false,
};

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
