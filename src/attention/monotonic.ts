/**
 * Monotonic attention: a query looks at one entry, never at one before that of the query before, so that decoding can
 * begin before the input has ended and costs O(E) in all. Where it stops: `stops.ts`.
 *
 *     logit_e = g v / |v| · tanh(W q + U h_e + b) + r,  alignment = α
 *
 * Reference: Raffel, Luong, Liu, Weiss and Eck, 2017, equations 11 to 14 and section 2.4 (the energy),
 * https://arxiv.org/abs/1704.00784
 *
 * Departures: `bias` is added to the logit, so that a summary of many vectors is likelier to be stopped at. Where no stop
 * is found, context and alignment are zeros, as in the paper, and so they stay for the queries after.
 *
 * Shapes: B batch, E entries, H query depth, X entry depth, A attention units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { tensor2 } from '../cell/typed-tensors.ts';
import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { additive, additiveEnergy, initAdditive, scoreEnergy } from './additive.ts';
import { unitVectors } from './cosine.ts';
import { type AttentionMechanism, type AttentionSizes, defineMechanism, PER_ENTRY } from './mechanism.ts';
import type { ScoreInputs } from './score.ts';
import { type StopOptions, stopsOf } from './stops.ts';

/** r at first: so low that a first query may come to any of some fifty entries, else the far ones would learn nothing. */
const FIRST_OFFSET = -4;

/**
 * Weights: `query` W `[H, A]`, `key` U `[X, A]`, `bias` b `[A]`, `score` v `[A]`, `gain` g `[1]`, `offset` r `[1]`.
 * State: `ahead` `[B, E]`. The alignment is the probability of stopping, or with `hard` stops a single 1.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { monotonic, paddingBias, Random, tensorsOf } from 'hearken/attention';
 *
 * const expected = monotonic();
 * const hard = monotonic({ stops: 'hard' });
 * const sizes = { queryDepth: 1, memoryDepth: 1, attentionUnits: 1 };
 * const one = tf.ones([1, 1]);
 * const weights = {
 *   ...tensorsOf(expected.init(sizes, Random.seeded(1))),
 *   ...{ query: one, key: one, score: tf.ones([1]), gain: tf.tensor1d([20]), offset: tf.zeros([1]) },
 * };
 * const values = tf.tensor3d([[[-1], [1], [-1], [1]]]); // stops at the second and the fourth
 * const prepared = hard.prepare(weights, { values, bias: paddingBias([4], 4) });
 * for (const mechanism of [expected, hard]) {
 *   const { alignment } = mechanism.attend(weights, tf.tensor2d([[0]]), prepared, mechanism.start(prepared));
 *   console.log(alignment.arraySync()[0].map((share) => share.toFixed(3)).join(' '));
 * }
 * // => 0.000 1.000 0.000 0.000
 * // => 0.000 1.000 0.000 0.000
 * ```
 */
export function monotonic(options: StopOptions = {}): AttentionMechanism {
  return defineMechanism({
    states: { ahead: PER_ENTRY },
    init: initMonotonic,
    keyDepth: additive.keyDepth,
    keys: additive.keys,
    align: (weights, query, { keys, bias }, state) => {
      const logits = tf.add<tf.Tensor2D>(monotonicLogits(weights, { query, keys }), bias);
      const { stops, ahead } = stopsOf(logits, tensor2(state, 'ahead'), options); // [B, E]
      return { alignment: stops, state: { ahead } };
    },
  });
}

export function initMonotonic(sizes: AttentionSizes, random: Random): Record<string, HostArray> {
  return {
    ...initAdditive(sizes, random),
    gain: { shape: [1], data: Float32Array.of(1 / Math.sqrt(sizes.attentionUnits)) },
    offset: { shape: [1], data: Float32Array.of(FIRST_OFFSET) },
  };
}

/** The logit of stopping at each entry, `[B, E]`. */
export function monotonicLogits(weights: Weights, inputs: ScoreInputs): tf.Tensor2D {
  const direction = tf.mul(unitVectors(weight(weights, 'score')), weight(weights, 'gain'));
  const match = scoreEnergy({ score: direction }, additiveEnergy(weights, inputs));
  return tf.add(match, weight(weights, 'offset'));
}
