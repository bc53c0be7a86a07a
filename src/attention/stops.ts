/**
 * Where monotonic attention stops: it walks over the entries from where it stopped before, and stops at each it comes to
 * with probability `p_j = sigmoid(logit_j + bias_j)`.
 *
 * Expected, for training (Raffel et al., 2017, equations 11 to 14, https://arxiv.org/abs/1704.00784):
 *
 *     q_j = (1 - p_{j-1}) q_{j-1} + α'_j        the probability of coming to entry j; α' that of the query before
 *     α_j = p_j q_j
 *
 * Hard, for use (algorithm 1): the first entry from there on of which `p_j > 1/2`, that is, logit and bias above 0.
 *
 * What a query hands on is `ahead_j`, the probability that it stopped beyond entry j, or nowhere: 0 before the first
 * query, who starts at entry 0. `α'_j = ahead_{j-1} - ahead_j`, with 1 before the first entry.
 *
 * Departures: the paper evaluates the recurrence by a cumulative product and a sum of quotients with it (its appendix C),
 * which underflows; here it is `linearRecurrence`, which divides by nothing. Noise is the paper's, added where asked for.
 *
 * Shapes: B batch, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { later, linearRecurrence } from './scan.ts';

export type StopOptions = {
  /**
   * `expected`: over all ways to stop, differentiable, for training. `hard`: the one way of use, in a single pass.
   * The same weights serve both. Default `expected`.
   */
  readonly stops?: 'expected' | 'hard';
  /**
   * Draws noise N(0, 1) for every logit of `expected` stops: it drives the logits away from 0 in training, so that
   * `hard` stops are those that were learned. Of `sampled` attention it draws the entries. Only where a memory's sizes are known; not in
   * an exported graph.
   */
  readonly noise?: Random;
};

export type Stops = {
  /** `[B, E]`: probability that the query stops at an entry, or 0 and 1. A row's sum is below 1 where it may stop nowhere. */
  readonly stops: tf.Tensor2D;
  /** `[B, E]`: that it stops beyond an entry, or nowhere. */ readonly ahead: tf.Tensor2D;
};

/** Stops of a query of which `logits` `[B, E]` are given, where `ahead` is that of the query before. */
export function stopsOf(logits: tf.Tensor2D, ahead: tf.Tensor2D, { stops = 'expected', noise }: StopOptions): Stops {
  if (stops === 'hard') return hardStops(logits, ahead);
  if (noise === undefined) return expectedStops(logits, ahead);
  const { data } = normalArray(noise, logits.shape, 1);
  return expectedStops(tf.add(logits, tf.tensor2d(data, logits.shape)), ahead);
}

function expectedStops(logits: tf.Tensor2D, ahead: tf.Tensor2D): Stops {
  const stop = tf.sigmoid(logits);
  const pass = tf.sigmoid(tf.neg(logits)); // 1 - stop, without its rounding
  const before = stopsBefore(ahead); // α'
  const reached = linearRecurrence(later(pass, 1, 0), before); //   q
  return { stops: tf.mul(stop, reached), ahead: tf.add(ahead, tf.mul(pass, reached)) };
}

/** Where the query before stopped, by what lay beyond: α', `[B, E]`. */
export function stopsBefore(ahead: tf.Tensor2D): tf.Tensor2D {
  return tf.sub(later(ahead, 1, 1), ahead);
}

function hardStops(logits: tf.Tensor2D, ahead: tf.Tensor2D): Stops {
  const candidates = tf.mul<tf.Tensor2D>(tf.cast(tf.greater(logits, 0), 'float32'), tf.sub(1, ahead));
  const passed = tf.cumsum(candidates, 1); // candidates up to and with an entry
  return {
    stops: refusingGradients(tf.mul(candidates, tf.cast(tf.lessEqual(passed, 1), 'float32'))),
    ahead: refusingGradients(tf.cast(tf.less(passed, 1), 'float32')),
  };
}

/** `x`. Throws `option/out-of-range` where a gradient is taken through it: nothing could be learned. */
function refusingGradients(x: tf.Tensor2D): tf.Tensor2D {
  const refuse = tf.customGrad<tf.Tensor2D>((given) => ({
    value: tf.clone(given as tf.Tensor2D), // the argument that is a tensor
    gradFunc: () => {
      throw new HearkenError(
        'option/out-of-range',
        'Expected `stops` to be "expected" where a gradient is taken, got "hard", which has none',
      );
    },
  }));
  return refuse(x);
}
