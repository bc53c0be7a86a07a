import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { dot, HIDDEN, paddingBias, Random, sampledAttention } from '../../src/attention/index.ts';
import { tensor2 } from '../../src/cell/typed-tensors.ts';
import { scoreFunctionLoss } from '../../src/losses/index.ts';
import { gap } from './family.ts';

beforeAll(() => tf.setBackend('cpu'));

const ENTRIES = 4;
const values = tf.tensor3d([
  [
    [2, 0],
    [0.5, 1],
    [-1, 0.3],
    [0.2, -1],
  ],
]);
const query = tf.tensor2d([[0.6, 0.4]]);
/** What choosing an entry costs. */
const COSTS = [5, 7, 6, 9];
const MEAN_COST = 6;

/** The exact gradient of the expected cost in the query. */
function exactGradient(): tf.Tensor {
  const expected = (q: tf.Tensor): tf.Scalar => {
    const prepared = dot.prepare({}, { values, bias: paddingBias([ENTRIES], ENTRIES) });
    const { alignment } = dot.attend({}, q as tf.Tensor2D, prepared, {});
    return tf.sum<tf.Scalar>(tf.mul(alignment, tf.tensor2d([COSTS])));
  };
  return tf.grad(expected)(query);
}

/** The estimate of `draws` choices side by side. */
function estimate(random: Random, draws: number, baseline: number): tf.Tensor {
  const mechanism = sampledAttention({ attention: dot, random });
  const memory = { values: tf.tile(values, [draws, 1, 1]), bias: tf.zeros<tf.Rank.R2>([draws, ENTRIES]) };
  const loss = (q: tf.Tensor): tf.Scalar => {
    const prepared = mechanism.prepare({}, memory);
    const queries = tf.tile(q as tf.Tensor2D, [draws, 1]);
    const { alignment, state } = mechanism.attend({}, queries, prepared, mechanism.start(prepared));
    const cost = tf.sum<tf.Tensor1D>(tf.mul(alignment, tf.tensor2d([COSTS])), 1);
    return scoreFunctionLoss(cost, tf.squeeze(tensor2(state, 'logProbability'), [1]), baseline);
  };
  return tf.grad(loss)(query);
}

describe('hard attention', () => {
  test('draws entries as often as the alignment says, and none that is hidden', () => {
    const draws = 4000;
    const mechanism = sampledAttention({ attention: dot, random: Random.seeded(3) });
    const bias = tf.tile(tf.tensor2d([[0, HIDDEN, 0, 0]]), [draws, 1]);
    const prepared = mechanism.prepare({}, { values: tf.tile(values, [draws, 1, 1]), bias });
    const { alignment } = mechanism.attend({}, tf.tile(query, [draws, 1]), prepared, mechanism.start(prepared));
    const soft = dot.prepare({}, { values, bias: tf.tensor2d([[0, HIDDEN, 0, 0]]) });
    const expected = dot.attend({}, query, soft, {}).alignment.arraySync()[0] ?? [];
    const shares = tf.mean(alignment, 0).arraySync() as number[];
    for (const [entry, share] of expected.entries()) {
      const deviation = Math.sqrt((share * (1 - share)) / draws);
      expect(Math.abs((shares[entry] ?? NaN) - share)).toBeLessThanOrEqual(4 * deviation);
    }
    expect(shares[1]).toBe(0);
    expect(tf.min(tf.sum(alignment, 1)).arraySync()).toBe(1);
  });

  test('sums up the log-probabilities of its choices over the queries', () => {
    const mechanism = sampledAttention({ attention: dot, random: Random.seeded(5) });
    const prepared = mechanism.prepare({}, { values, bias: paddingBias([ENTRIES], ENTRIES) });
    const soft = tf.log(dot.attend({}, query, prepared, {}).alignment).arraySync();
    let state = mechanism.start(prepared);
    let sum = 0;
    for (let step = 0; step < 5; step++) {
      const attended = mechanism.attend({}, query, prepared, state);
      ({ state } = attended);
      sum += soft[0]?.[attended.alignment.arraySync()[0]?.indexOf(1) ?? -1] ?? NaN;
    }
    expect(state['logProbability']?.arraySync()[0]?.[0]).toBeCloseTo(sum, 5);
  });

  test('has by its estimator, summed over all choices, the gradient of the expected cost, whatever the baseline', () => {
    const prepared = dot.prepare({}, { values, bias: paddingBias([ENTRIES], ENTRIES) });
    for (const baseline of [0, MEAN_COST, -20]) {
      const terms = COSTS.map((cost, entry) => {
        const logProbability = (q: tf.Tensor): tf.Tensor1D => {
          const { alignment } = dot.attend({}, q as tf.Tensor2D, prepared, {});
          return tf.reshape(tf.log(tf.slice(alignment, [0, entry], [1, 1])), [1]);
        };
        const gradient = tf.grad((q) => scoreFunctionLoss(tf.tensor1d([cost]), logProbability(q), baseline))(query);
        return tf.mul(tf.exp(logProbability(query)), gradient);
      });
      expect(gap(tf.addN(terms), exactGradient())).toBeLessThan(1e-5);
    }
  });

  test('has the exact gradient as the mean of its estimates, and a baseline cuts their variance', () => {
    const runs = 60;
    const variances = [0, MEAN_COST].map((baseline, index) => {
      const random = Random.seeded(11 + index);
      const estimates = tf.stack(Array.from({ length: runs }, () => estimate(random, 100, baseline))); // [runs, 1, 2]
      const { mean, variance } = tf.moments(estimates, 0);
      const errors = tf.abs(tf.sub(mean, exactGradient()));
      const bound = tf.mul(tf.sqrt(tf.div(variance, runs)), 4);
      expect(tf.all(tf.lessEqual(errors, bound)).arraySync()).toBe(1);
      return tf.sum(variance).arraySync() as number;
    });
    expect(variances[1]).toBeLessThan((variances[0] ?? 0) / 5);
  });

  test('takes the likeliest entry where nothing draws', () => {
    const mechanism = sampledAttention({ attention: dot });
    const prepared = mechanism.prepare({}, { values, bias: paddingBias([ENTRIES], ENTRIES) });
    const { context } = mechanism.attend({}, query, prepared, mechanism.start(prepared));
    expect(context.arraySync()).toEqual([[2, 0]]);
  });
});
