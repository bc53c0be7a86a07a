/**
 * Local attention: a query sees the entries within `reach` R of a place p, by any score.
 *
 *     local-m   p = t, the number of queries before:    alignment_s = softmax over |s - p| <= R of score_s
 *     local-p   p = S sigmoid(v · tanh(W h)):           the same, times exp(-(s - p)² / (2 (R / 2)²))
 *
 * where h is the query, s counts the entries that may be seen from 0, S is how many they are.
 *
 * Reference: Luong, Pham and Manning, 2015, section 3.2, equations 9 and 10, https://arxiv.org/abs/1508.04025 (its D is
 * our R)
 *
 * Departures: in local-m p stays at the last entry once t is beyond it, where the paper's window would become empty.
 * None in local-p: as there, shares are not normalised again after the Gaussian, so that a row's sum is below 1. Over a
 * hierarchical memory a place counts entries, not time: a slot of a summary is one step. Where such a memory merges entries
 * between two queries, t says nothing any more.
 *
 * Shapes: B batch, E entries, H query depth, A attention units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { tensor2 } from '../cell/typed-tensors.ts';
import { type Weights, weight } from '../cell/cell.ts';
import { assertInteger, HearkenError } from '../errors.ts';
import { normalArray } from '../tensor/random.ts';
import { projectQuery } from './additive.ts';
import { HIDDEN, indicator, maskedSoftmax, visibility } from './hidden.ts';
import {
  type AttentionMechanism,
  type AttentionState,
  average,
  defineMechanism,
  PER_ROW,
  type PreparedMemory,
} from './mechanism.ts';
import { general } from './multiplicative.ts';
import type { ScoredAttention } from './softmax-attention.ts';
import { windowOf } from './window.ts';

export type LocalOptions = {
  /** R: entries that are seen on either side of the place, 1 to 65,536; the paper took 10. */ readonly reach: number;
  /** Whose score; default `general`, which did best in the paper. */ readonly attention?: ScoredAttention;
  /**
   * Where a memory's hidden entries may be. `anywhere`: all entries are scored, and what is far is hidden. `behind`, as
   * `paddingBias` has it, all of them after those that may be seen: only the window is looked at, so that a query's time
   * hardly grows with the memory; the same numbers, but not for a score that reads the alignment before. Default `anywhere`.
   */
  readonly padding?: 'anywhere' | 'behind';
};

/**
 * Local-m, for sequences whose places agree, as in reading aloud. Weights: those of the score. State: `step` `[B, 1]`, t.
 * Throws `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { dot, localMonotonic, paddingBias } from 'hearken/attention';
 *
 * const local = localMonotonic({ reach: 1, attention: dot });
 * const prepared = local.prepare({}, { values: tf.ones([1, 5, 2]), bias: paddingBias([5], 5) });
 * let state = local.start(prepared);
 * for (const step of [1, 2]) {
 *   const attended = local.attend({}, tf.fill([1, 2], step), prepared, state);
 *   console.log(attended.alignment.arraySync()[0].map((share) => share.toFixed(2)).join(' '));
 *   ({ state } = attended);
 * }
 * // => 0.50 0.50 0.00 0.00 0.00
 * // => 0.33 0.33 0.33 0.00 0.00
 * ```
 */
export function localMonotonic(options: LocalOptions): AttentionMechanism {
  const { attention = general } = options;
  assertLocal(options);
  return defineMechanism({
    ...basisOf(attention),
    states: { ...attention.states, step: PER_ROW },
    align: (weights, query, memory, state) => {
      const step = tensor2(state, 'step'); // [B, 1]
      const place = (count: tf.Tensor2D): tf.Tensor2D => tf.minimum(step, tf.sub(count, 1));
      const { alignment, context } = alignNear(options, place, { weights, query, memory, state });
      return { alignment, context, state: { ...carried(attention, alignment), step: tf.add<tf.Tensor2D>(step, 1) } };
    },
  });
}

/**
 * Local-p: the query says where to look, so that the order may be another one. Weights: those of the score,
 * `place.kernel` W `[H, A]`, `place.score` v `[A]`. State: what the score keeps; mostly none. Throws
 * `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { dot, localPredictive, paddingBias, Random, tensorsOf } from 'hearken/attention';
 *
 * const local = localPredictive({ reach: 2, attention: dot });
 * const weights = tensorsOf(local.init({ queryDepth: 2, memoryDepth: 2, attentionUnits: 4 }, Random.seeded(1)));
 * const prepared = local.prepare(weights, { values: tf.ones([1, 8, 2]), bias: paddingBias([8], 8) });
 * const { alignment } = local.attend(weights, tf.zeros([1, 2]), prepared, {}); // sigmoid(0) of 8 entries: place 4
 * console.log(alignment.arraySync()[0].map((share) => share.toFixed(2)).join(' '));
 * // => 0.00 0.00 0.03 0.12 0.20 0.12 0.03 0.00
 * ```
 */
export function localPredictive(options: LocalOptions): AttentionMechanism {
  const { reach, attention = general } = options;
  assertLocal(options);
  const basis = basisOf(attention);
  return defineMechanism({
    ...basis,
    states: attention.states,
    init: (sizes, random) => ({
      ...basis.init(sizes, random),
      'place.kernel': normalArray(random, [sizes.queryDepth, sizes.attentionUnits], 1 / Math.sqrt(sizes.queryDepth)),
      'place.score': normalArray(random, [sizes.attentionUnits], 1 / Math.sqrt(sizes.attentionUnits)),
    }),
    align: (weights, query, memory, state) => {
      const hidden = tf.tanh(projectQuery({ query: weight(weights, 'place.kernel') }, query)); //      [B, A]
      const logit = tf.sum(tf.mul(hidden, weight(weights, 'place.score')), 1, true); //                [B, 1]
      const place = (count: tf.Tensor2D): tf.Tensor2D => tf.mul(count, tf.sigmoid(logit));
      const gaussian = (distance: tf.Tensor2D): tf.Tensor2D => tf.exp(tf.mul(tf.square(distance), -2 / reach ** 2));
      const { alignment, context } = alignNear(options, place, { weights, query, memory, state }, gaussian);
      return { alignment, context, state: carried(attention, alignment) };
    },
  });
}

const LARGEST_REACH = 65_536;

function assertLocal({ reach, attention = general, padding }: LocalOptions): void {
  assertInteger('reach', reach, 1, LARGEST_REACH);
  if (padding === 'behind' && attention.scoring.readsPreviousAlignment) {
    throw new HearkenError(
      'option/out-of-range',
      "Expected `padding` to be 'anywhere' with a score that reads the alignment before, which is not only in the window, got 'behind'",
    );
  }
}

function basisOf({ scoring: { init, keyDepth, keys } }: ScoredAttention) {
  return { init, keyDepth, keys };
}

type Asked = {
  readonly weights: Weights;
  readonly query: tf.Tensor2D;
  readonly memory: PreparedMemory;
  readonly state: AttentionState;
};

/**
 * Softmax attention within reach of the place that `placeOf` gives for the entries of each row, `[B, 1]`; `factor` then
 * weighs shares by their distance.
 */
function alignNear(
  { reach, attention = general, padding = 'anywhere' }: LocalOptions,
  placeOf: (count: tf.Tensor2D) => tf.Tensor2D,
  { weights, query, memory, state }: Asked,
  factor: (distance: tf.Tensor2D) => tf.Tensor2D = tf.onesLike,
): { readonly alignment: tf.Tensor2D; readonly context: tf.Tensor2D } {
  const within = (near: PreparedMemory, distance: tf.Tensor2D): tf.Tensor2D => {
    const score = attention.scoring.score(weights, { query, keys: near.keys, previousAlignment: state['alignment'] });
    return tf.mul(maskedSoftmax(score, withinReach(near.bias, distance, reach)), factor(distance));
  };
  if (padding === 'anywhere') {
    const { places, count } = placesOf(memory.bias);
    const alignment = within(memory, tf.sub(places, placeOf(count)));
    return { alignment, context: average(alignment, memory.values) };
  }
  const count = tf.sum<tf.Tensor2D>(visibility(memory.bias), 1, true);
  const place = placeOf(count);
  const window = windowOf(memory, tf.ceil(tf.sub<tf.Tensor2D>(place, reach)), 2 * reach + 1, count);
  const alignment = within(window, tf.sub(window.places, place));
  return { alignment: window.spread(alignment), context: average(alignment, window.values) };
}

/** What a score that reads the alignment before hands on. */
function carried({ scoring }: ScoredAttention, alignment: tf.Tensor2D): AttentionState {
  return scoring.readsPreviousAlignment ? { alignment } : {};
}

/** The place of every entry among those that may be seen, `[B, E]`, and how many they are, `[B, 1]`. */
function placesOf(bias: tf.Tensor2D): { readonly places: tf.Tensor2D; readonly count: tf.Tensor2D } {
  const visible = visibility(bias);
  return { places: tf.sub(tf.cumsum(visible, 1), 1), count: tf.sum(visible, 1, true) };
}

/** `bias` with everything further than `reach` away hidden too. */
function withinReach(bias: tf.Tensor2D, distance: tf.Tensor2D, reach: number): tf.Tensor2D {
  const isFar = indicator(distance, (x) => tf.greater(tf.abs(x), reach));
  return tf.add(bias, tf.mul(isFar, HIDDEN));
}
