/**
 * How a decoder with hard attention learns where to look: by the score function of what its choices cost.
 *
 * The cost of a choice is the cross-entropy of the labels from its step on; those before it did not depend on it. The baseline is the mean cost of a
 * label in the other rows, times the labels that are left: it does not look at what the row drew.
 *
 * Reference: Xu et al., 2015, section 4.1, https://arxiv.org/abs/1502.03044
 *
 * Departures: a cost for each step, where the paper has the whole caption's for all; the baseline is of the batch, where the paper has a moving average.
 *
 * Shapes: B rows, U labels of the longest, L labels that there are.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Choices } from '../decoder/unroll.ts';
import { constant } from './constant.ts';
import { scoreFunctionLoss } from './score-function.ts';

/** What a nat of entropy is worth, in nats of cross-entropy: Xu et al. choose it by validation. */
const ENTROPY_WEIGHT = 0.01;

/**
 * A scalar whose gradient is the estimator's, and whose value is the entropy's term alone: the cost is in the loss already. `logits` are
 * `[B, U + 1, L + 1]`, of rows whose `labels` are known.
 */
export function choiceLoss(
  { logProbability, entropy }: Choices,
  logits: tf.Tensor3D,
  labels: readonly Int32Array[],
): tf.Scalar {
  const [batch, steps, classes] = logits.shape;
  const following = labels.flatMap((row) => Array.from({ length: steps }, (_, step) => row[step] ?? 0));
  const isCounted = labels.flatMap(({ length }) =>
    Array.from({ length: steps }, (_, step) => (step <= length ? 1 : 0)),
  );
  const left = labels.flatMap(({ length }) =>
    Array.from({ length: steps }, (_, step) => Math.max(0, length + 1 - step)),
  );
  const places = tf.tensor1d(
    isCounted.flatMap((counts, place) => (counts === 1 ? [place] : [])),
    'int32',
  );
  const logShares = tf.logSoftmax(constant(logits));
  const rights = tf.oneHot(tf.tensor1d(following, 'int32'), classes);
  const of = tf.neg(tf.sum(tf.mul(tf.reshape(logShares, [-1, classes]), rights), 1));
  const costs = tf.reshape<tf.Rank.R2>(tf.mul(of, tf.tensor1d(isCounted)), [batch, steps]);
  const ahead = tf.cumsum<tf.Tensor2D>(costs, 1, false, true); // from each step on
  const rowCosts = tf.sum(costs, 1, true); // [B, 1]
  const rowCounts = tf.tensor2d(labels.map(({ length }) => [length + 1]));
  const others = tf.maximum(tf.sub(tf.sum(rowCounts), rowCounts), 1);
  const meanOfOthers = tf.div(tf.sub(tf.sum(rowCosts), rowCosts), others); // of a row alone 0
  const baseline = tf.mul(tf.tensor2d(left, [batch, steps]), meanOfOthers);
  const counted = (x: tf.Tensor): tf.Tensor1D => tf.gather(tf.reshape<tf.Rank.R1>(x, [-1]), places);
  const values = counted(entropy);
  const cost = counted(ahead);
  const estimate = scoreFunctionLoss(cost, counted(logProbability), counted(baseline), {
    values,
    weight: ENTROPY_WEIGHT,
  });
  return tf.sub(estimate, tf.mean(cost));
}
