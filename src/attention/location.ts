/**
 * Location-aware additive attention: a query also sees where the query before it looked,
 * `score(q, h_e) = v · tanh(W q + U h_e + V f_e + b)` with `f = F * previousAlignment`, a convolution along the entries.
 *
 * Reference: Chorowski et al., 2015, equations 8 and 9, https://arxiv.org/abs/1506.07503
 *
 * Shapes: B batch, E entries, A attention units, C channels of F.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../model/cell.ts';
import { weight } from '../model/weight.ts';
import { normalArray } from '../tensor/random.ts';
import { additive, initAdditive, queryEnergy, scoreEnergy } from './additive.ts';
import type { AttentionScore } from './score.ts';

/** Entries that one filter of F spans, centred; odd. */
export const LOCATION_TAPS = 21;
/** Filters. */
export const LOCATION_CHANNELS = 8;

/** Weights: those of `additive`, `location.filters` F `[taps, C]` and `location.kernel` V `[C, A]`. */
export const location: AttentionScore = {
  ...additive,
  init: (sizes, random) => ({
    ...initAdditive(sizes, random),
    'location.filters': normalArray(random, [LOCATION_TAPS, LOCATION_CHANNELS], 1 / Math.sqrt(LOCATION_TAPS)),
    'location.kernel': normalArray(random, [LOCATION_CHANNELS, sizes.attentionUnits], 1 / Math.sqrt(LOCATION_CHANNELS)),
  }),
  score: (weights, asked) => {
    const energy = queryEnergy(weights, asked);
    const { previousAlignment } = asked;
    if (previousAlignment === undefined) return scoreEnergy(weights, energy);
    return scoreEnergy(weights, tf.add(energy, locationEnergy(weights, previousAlignment)));
  },
  readsPreviousAlignment: true,
};

/** `V f_e`, `[B, E, A]` */
function locationEnergy(weights: Weights, alignment: tf.Tensor2D): tf.Tensor3D {
  const entries = alignment.shape[1];
  const filters = weight(weights, 'location.filters') as tf.Tensor2D; // [taps, C]
  const kernel = weight(weights, 'location.kernel') as tf.Tensor2D; //   [C, A]
  const features = tf.matMul(neighbourhoods(alignment, filters.shape[0]), filters); // [B E, C]
  return tf.reshape(tf.matMul(features, kernel), [-1, entries, kernel.shape[1]]);
}

/** Each entry's alignment with those of its `taps` nearest neighbours, zeros beyond the ends; `[B E, taps]`. */
function neighbourhoods(alignment: tf.Tensor2D, taps: number): tf.Tensor2D {
  const [batch, entries] = alignment.shape;
  const reach = (taps - 1) / 2;
  const beyond: [number, number] = [reach, reach];
  const padded = tf.pad<tf.Tensor3D>(tf.expandDims(alignment, 2), [[0, 0], beyond, [0, 0]]); // [B, E + taps - 1, 1]
  const shifted = Array.from({ length: taps }, (_, tap) => tf.slice(padded, [0, tap, 0], [batch, entries, 1]));
  return tf.reshape(tf.concat(shifted, 2), [-1, taps]);
}
