/**
 * Location-aware additive attention: a query also sees where the query before it looked,
 * `score(q, h_e) = v · tanh(W q + U h_e + V f_e + b)` with `f = F * previousAlignment`, a convolution along the entries.
 *
 * Reference: Chorowski et al., 2015, equations 8 and 9, https://arxiv.org/abs/1506.07503
 *
 * Departures: none for entries that are steps of equal length, which the paper has. Over a hierarchical memory the
 * convolution takes the slot of a summary of 512 vectors and a single vector for equal steps.
 *
 * Shapes: B batch, E entries, A attention units, C channels of F.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { sizeDifference, sizeProduct, sizeSum } from '../cell/size.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import { normalArray } from '../tensor/random.ts';
import { additive, additiveEnergy, initAdditive, scoreEnergy } from './additive.ts';
import { type ScoredAttention, softmaxAttention } from './softmax-attention.ts';

/** Entries that one filter of F spans, centred; odd. */
const TAPS = 21;
/** Filters. */
const CHANNELS = 8;

/**
 * Weights: those of `additive`, `location.filters` F `[taps, C]` and `location.kernel` V `[C, A]`. State: `alignment`
 * `[B, E]`, of the query before.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { location, paddingBias, Random, tensorsOf } from 'hearken/attention';
 *
 * const weights = tensorsOf(location.init({ queryDepth: 3, memoryDepth: 2, attentionUnits: 4 }, Random.seeded(1)));
 * const prepared = location.prepare(weights, { values: tf.ones([1, 5, 2]), bias: paddingBias([5], 5) });
 * let state = location.start(prepared);
 * for (const step of [1, 2]) {
 *   ({ state } = location.attend(weights, tf.fill([1, 3], step), prepared, state));
 * }
 * console.log(Object.keys(state), state.alignment.shape);
 * // => [ 'alignment' ] [ 1, 5 ]
 * ```
 */
export const location: ScoredAttention = softmaxAttention({
  ...additive.scoring,
  init: (sizes, random) => ({
    ...initAdditive(sizes, random),
    'location.filters': normalArray(random, [TAPS, CHANNELS], 1 / Math.sqrt(TAPS)),
    'location.kernel': normalArray(random, [CHANNELS, sizes.attentionUnits], 1 / Math.sqrt(CHANNELS)),
  }),
  score: (weights, inputs) => {
    const energy = additiveEnergy(weights, inputs);
    const { previousAlignment } = inputs;
    if (previousAlignment === undefined) return scoreEnergy(weights, energy);
    return scoreEnergy(weights, tf.add(energy, locationEnergy(weights, previousAlignment)));
  },
  readsPreviousAlignment: true,
});

/** `V f_e`, `[B, E, A]` */
function locationEnergy(weights: Weights, alignment: tf.Tensor2D): tf.Tensor3D {
  const entries = alignment.shape[1];
  const filters = tensor2(weights, 'location.filters'); // [taps, C]
  const kernel = tensor2(weights, 'location.kernel'); //   [C, A]
  const taps = filters.shape[0];
  const neighbors = tf.reshape<tf.Rank.R2>(tf.transpose(shiftedCopies(alignment, taps), [0, 2, 1]), [-1, taps]);
  const features = tf.matMul(neighbors, filters); // [B E, C]
  return tf.reshape(tf.matMul(features, kernel), [-1, entries, kernel.shape[1]]);
}

/**
 * `copies[b, tap, e] = x[b, e + tap - reach]`, zero beyond the ends; `[B, taps, E]`.
 *
 * Copies of a padded row of length P, laid end to end and cut into rows of length P + 1, each start one element further
 * on: a few large operations in place of one slice a tap, which is what a training step would spend its time on.
 */
function shiftedCopies(x: tf.Tensor2D, taps: number): tf.Tensor3D {
  const [batch, entries] = x.shape;
  const reach = (taps - 1) / 2;
  const length = sizeSum(entries, taps); // P: one more than the taps need, so that taps + 1 copies hold taps rows of P + 1
  const padded = tf.pad(x, [
    [0, 0],
    [reach, reach + 1],
  ]); // [B, P]
  const copies = tf.mul(tf.expandDims(padded, 1), tf.ones([1, taps + 1, 1])); // [B, taps + 1, P]
  const endToEnd = tf.reshape<tf.Rank.R2>(copies, [batch, sizeProduct(taps + 1, length)]);
  const cut = tf.slice(endToEnd, [0, 0], [batch, sizeDifference(sizeProduct(taps + 1, length), entries)]); // [B, taps (P + 1)]
  return tf.slice(tf.reshape<tf.Rank.R3>(cut, [batch, taps, sizeSum(length, 1)]), [0, 0, 0], [batch, taps, entries]);
}
