import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { dot, Random, sampledAttention, tensorsOf } from '../../src/attention/index.ts';
import { tensor2 } from '../../src/cell/typed-tensors.ts';
import {
  baselineLoss,
  initBaseline,
  learnedBaseline,
  movingBaseline,
  scoreFunctionLoss,
} from '../../src/losses/index.ts';
import { gap } from '../attention/family.ts';
import { randomTensor } from '../attention/finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const ENTRIES = 3;
const values = randomTensor(1, 1, ENTRIES, 4) as tf.Tensor3D;
const queries = [randomTensor(2, 1, 4), randomTensor(3, 1, 4)] as tf.Tensor2D[];
/** What a pair of choices, one a query, costs: no sum of what either costs. */
const costOf = (first: number, second: number): number => [5, 2, 9, 1, 7, 4, 3, 8, 6][first * ENTRIES + second]!;
const bias = tf.zeros<tf.Rank.R2>([1, ENTRIES]);

/** The exact gradient of the expected cost in the values, over all nine pairs of choices. */
function enumerated(): tf.Tensor {
  const expected = (given: tf.Tensor): tf.Scalar => {
    const prepared = dot.prepare({}, { values: given as tf.Tensor3D, bias });
    const [first, second] = queries.map((query) => dot.attend({}, query, prepared, {}).alignment);
    const joint = tf.mul(tf.reshape(first!, [ENTRIES, 1]), second!);
    const costs = Array.from({ length: ENTRIES ** 2 }, (_, i) => costOf(Math.floor(i / ENTRIES), i % ENTRIES));
    return tf.sum(tf.mul(joint, tf.tensor2d(costs, [ENTRIES, ENTRIES])));
  };
  return tf.grad(expected)(values);
}

type Drawn = { readonly cost: tf.Tensor1D; readonly logProbability: tf.Tensor1D; readonly entropy: tf.Tensor1D };

/** `rows` pairs of choices, drawn side by side. */
function draw(random: Random, rows: number, given: tf.Tensor): Drawn {
  const mechanism = sampledAttention({ attention: dot, random });
  const memory = { values: tf.tile(given as tf.Tensor3D, [rows, 1, 1]), bias: tf.tile(bias, [rows, 1]) };
  const prepared = mechanism.prepare({}, memory);
  let state = mechanism.start(prepared);
  const choices = queries.map((query) => {
    const attended = mechanism.attend({}, tf.tile(query, [rows, 1]), prepared, state);
    ({ state } = attended);
    return [...tf.argMax(attended.alignment, 1).dataSync()];
  });
  return {
    cost: tf.tensor1d(choices[0]!.map((first, row) => costOf(first, choices[1]![row]!))),
    logProbability: tf.squeeze(tensor2(state, 'logProbability'), [1]),
    entropy: tf.squeeze(tensor2(state, 'entropy'), [1]),
  };
}

/** Mean and variance of `runs` estimates of 50 rows. */
function estimates(runs: number, seed: number, baseline: number): { mean: tf.Tensor; variance: tf.Tensor } {
  const random = Random.seeded(seed);
  const all = Array.from({ length: runs }, () =>
    tf.grad((given) => {
      const { cost, logProbability } = draw(random, 50, given);
      return scoreFunctionLoss(cost, logProbability, baseline);
    })(values),
  );
  return tf.moments(tf.stack(all), 0);
}

describe('the score-function estimator', () => {
  test('over two choices that cost together has the enumerated gradient as its mean, with a baseline and without', () => {
    const runs = 80;
    for (const baseline of [0, 5]) {
      const { mean, variance } = estimates(runs, 21 + baseline, baseline);
      const bound = tf.add(tf.mul(tf.sqrt(tf.div(variance, runs)), 4.5), 1e-6);
      expect(tf.all(tf.lessEqual(tf.abs(tf.sub(mean, enumerated())), bound)).arraySync()).toBe(1);
    }
  });

  test('varies less by the moving average of what choices cost', () => {
    const random = Random.seeded(5);
    let baseline = movingBaseline(0.9);
    for (let batch = 0; batch < 30; batch++) {
      baseline = baseline.after(tf.mean(draw(random, 50, values).cost).arraySync() as number);
    }
    const [without, with_] = [0, baseline.value].map((each) => tf.sum(estimates(40, 8, each).variance).arraySync());
    expect(with_ as number).toBeLessThan((without as number) / 2);
  });

  test('takes a baseline for each row, into which no gradient flows', () => {
    const cost = tf.tensor1d([3, 1]);
    const logProbability = tf.tensor1d([-1, -2]);
    const [ofChoice, ofBaseline] = tf.grads((p, b) => scoreFunctionLoss(cost, p as tf.Tensor1D, b as tf.Tensor1D))([
      logProbability,
      tf.tensor1d([2, -1]),
    ]);
    expect(ofChoice!.arraySync()).toEqual([0.5, 1]);
    expect(tf.max(tf.abs(ofBaseline!)).arraySync()).toBe(0);
  });

  test('with a term of entropy has a loss that is lower by its mean times its weight, and pulls towards even choices', () => {
    const logits = tf.tensor2d([[2, 0, 0]]);
    const loss = (x: tf.Tensor): tf.Scalar => {
      const entropy = tf.neg<tf.Tensor1D>(tf.sum(tf.mul(tf.softmax(x), tf.logSoftmax(x)), 1));
      return scoreFunctionLoss(tf.tensor1d([4]), tf.tensor1d([-1]), 0, { values: entropy, weight: 0.5 });
    };
    const p = tf.softmax(logits);
    const entropy = -(tf.sum(tf.mul(p, tf.log(p))).arraySync() as number);
    expect(loss(logits).arraySync()).toBeCloseTo(4 - 0.5 * entropy, 5);
    const [[first = 0, second = 0] = []] = tf.grad(loss)(logits).arraySync() as number[][];
    expect(first).toBeGreaterThan(0); // going down lowers the largest logit
    expect(second).toBeLessThan(0);
  });
});

describe('hard attention in training', () => {
  test('sums up the entropies of its alignments, of what is hidden nothing', () => {
    const mechanism = sampledAttention({ attention: dot, random: Random.seeded(1) });
    const hidden = tf.tensor2d([[0, -1e9, 0]]);
    const prepared = mechanism.prepare({}, { values, bias: hidden });
    let state = mechanism.start(prepared);
    for (const query of queries) ({ state } = mechanism.attend({}, query, prepared, state));
    const exact = queries.reduce((sum, query) => {
      const [shares = []] = dot.attend({}, query, prepared, {}).alignment.arraySync();
      return sum - shares.reduce((part, share) => part + (share > 0 ? share * Math.log(share) : 0), 0);
    }, 0);
    expect(tensor2(state, 'entropy').arraySync()[0]![0]).toBeCloseTo(exact, 5);
  });

  test('with `expected` looks in that share of rows by the alignment itself, at all queries of a row alike', () => {
    const rows = 400;
    const mechanism = sampledAttention({ attention: dot, random: Random.seeded(9), expected: 0.25 });
    const memory = { values: tf.tile(values, [rows, 1, 1]), bias: tf.tile(bias, [rows, 1]) };
    const prepared = mechanism.prepare({}, memory);
    let state = mechanism.start(prepared);
    const isExpected = queries.map((query) => {
      const soft = dot.attend({}, query, dot.prepare({}, { values, bias }), {}).alignment;
      const attended = mechanism.attend({}, tf.tile(query, [rows, 1]), prepared, state);
      ({ state } = attended);
      const distances = tf.max(tf.abs(tf.sub(attended.alignment, soft)), 1).arraySync() as number[];
      return distances.map((distance) => distance < 1e-5);
    });
    expect(isExpected[0]).toEqual(isExpected[1]);
    const share = isExpected[0]!.filter(Boolean).length / rows;
    expect(Math.abs(share - 0.25)).toBeLessThan(4 * Math.sqrt((0.25 * 0.75) / rows));
    const logProbabilities = tensor2(state, 'logProbability').arraySync().flat();
    expect(logProbabilities.map((each) => each === 0)).toEqual(isExpected[0]);
  });
});

describe('a baseline', () => {
  test('that is learned settles at the mean cost of what it sees, and sends no gradient back into that', () => {
    const seen = tf.tensor2d([[0], [0], [1], [1]]);
    const cost = tf.tensor1d([1, 3, 6, 8]);
    const weights = tensorsOf(initBaseline(1, Random.seeded(1)));
    const variables = Object.fromEntries(Object.entries(weights).map(([name, each]) => [name, tf.variable(each)]));
    const optimizer = tf.train.sgd(0.2);
    for (let step = 0; step < 200; step++) {
      optimizer.minimize(() => baselineLoss(learnedBaseline(variables, seen), cost));
    }
    expect(gap(learnedBaseline(variables, seen), tf.tensor1d([2, 2, 7, 7]))).toBeLessThan(1e-3);
    const back = tf.grad((x) => baselineLoss(learnedBaseline(weights, x as tf.Tensor2D), cost))(seen);
    expect(tf.max(tf.abs(back)).arraySync()).toBe(0);
  });

  test('that moves begins with the first mean, and does not change a value that was kept', () => {
    const first = movingBaseline(0.9).after(4);
    expect([movingBaseline().value, first.value, first.after(4).value]).toEqual([0, 4, expect.closeTo(4, 12)]);
    first.after(100);
    expect(first.value).toBe(4);
  });
});
