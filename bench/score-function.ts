/**
 * By how much a baseline lowers the variance of the score-function estimator, on hard attention over a memory whose entries cost different
 * amounts from row to row: none, a moving average of the cost (the same for all rows), a baseline learned from what the query is, and the
 * exact expectation. Beside the variance stands how far the mean of the estimates is from the gradient by enumeration, in standard errors.
 */
import * as tf from '@tensorflow/tfjs';

import { dot, normalArray, Random, sampledAttention, tensorsOf } from '../src/attention/index.ts';
import { loadBackend } from '../src/backend/backends.ts';
import { tensor2 } from '../src/cell/typed-tensors.ts';
import { constant } from '../src/training/constant.ts';
import { baselineLoss, initBaseline, learnedBaseline, movingBaseline, scoreFunctionLoss } from '../src/losses/index.ts';

const [ROWS, ENTRIES, DEPTH] = [32, 6, 4];
const [RUNS, WARMING] = [400, 400];

type Baseline = number | tf.Tensor1D;

export default async function benchScoreFunction(): Promise<{ rows: Record<string, unknown>[]; notes: string[] }> {
  await loadBackend();
  const random = Random.seeded(1);
  const memory = tf.tensor3d(normalArray(random, [ROWS, ENTRIES, DEPTH], 0.4).data, [ROWS, ENTRIES, DEPTH]);
  const queries = tf.tensor2d(normalArray(random, [ROWS, DEPTH], 1).data, [ROWS, DEPTH]);
  const entryCosts = tf.tensor2d(normalArray(random, [ROWS, ENTRIES], 1).data, [ROWS, ENTRIES]);
  const steep = tf.tensor2d([[3], [-2], [1], [2]]);
  // What a row costs depends on its query, which the learned baseline sees, and on the entry that is chosen.
  const costs = tf.add<tf.Tensor2D>(tf.add(tf.matMul(queries, steep), 8), entryCosts);
  const bias = tf.zeros<tf.Rank.R2>([ROWS, ENTRIES]);

  const exactLoss = (given: tf.Tensor): tf.Scalar => {
    const prepared = dot.prepare({}, { values: given as tf.Tensor3D, bias });
    return tf.mean(tf.sum(tf.mul(dot.attend({}, queries, prepared, {}).alignment, costs), 1));
  };
  const exact = tf.grad(exactLoss)(memory);
  const draw = (given: tf.Tensor): { cost: tf.Tensor1D; logProbability: tf.Tensor1D } => {
    const mechanism = sampledAttention({ attention: dot, random });
    const prepared = mechanism.prepare({}, { values: given as tf.Tensor3D, bias });
    const { alignment, state } = mechanism.attend({}, queries, prepared, mechanism.start(prepared));
    const cost = tf.sum<tf.Tensor1D>(tf.mul(alignment, costs), 1);
    return { cost, logProbability: tf.squeeze(tensor2(state, 'logProbability'), [1]) };
  };

  let moving = movingBaseline(0.95);
  const learned = Object.fromEntries(
    Object.entries(tensorsOf(initBaseline(DEPTH, random))).map(([name, each]) => [name, tf.variable(each)]),
  );
  const optimizer = tf.train.sgd(0.05);
  for (let batch = 0; batch < WARMING; batch++) {
    const { cost } = tf.tidy(() => draw(memory));
    optimizer.minimize(() => baselineLoss(learnedBaseline(learned, queries), cost));
    const told = await cost.data<'float32'>();
    cost.dispose();
    moving = moving.after(told.reduce((sum, each) => sum + each, 0) / ROWS);
  }
  const prepared = dot.prepare({}, { values: memory, bias });
  const shares = dot.attend({}, queries, prepared, {}).alignment;
  const baselines: Readonly<Record<string, () => Baseline>> = {
    none: () => 0,
    'moving average': () => moving.value,
    'learned of the query': () => learnedBaseline(learned, queries),
    'exact expectation': () => tf.sum(tf.mul(shares, costs), 1),
  };
  const rows: (Estimate & { readonly baseline: string })[] = [];
  for (const [baseline, of] of Object.entries(baselines)) {
    rows.push({ baseline, ...(await estimate(of, draw, memory, exact)) });
  }
  const [{ variance: most } = { variance: 0 }] = rows;
  return {
    rows: rows.map((row) => ({ ...row, 'of none': row.variance / most })),
    notes: [
      `Hard attention, ${ROWS} rows of ${ENTRIES} entries, ${RUNS} estimates each; seed 1. Variance: the sum over all elements of the gradient.`,
      'errors: the largest distance of their mean from the enumerated gradient, in standard errors, of ' +
        `${ROWS * ENTRIES * DEPTH} elements: about 3 is chance.`,
    ],
  };
}

type Estimate = { readonly variance: number; readonly errors: number };

async function estimate(
  baseline: () => Baseline,
  draw: (given: tf.Tensor) => { cost: tf.Tensor1D; logProbability: tf.Tensor1D },
  memory: tf.Tensor3D,
  exact: tf.Tensor,
): Promise<Estimate> {
  const [variance, errors] = tf.tidy(() => {
    const estimates = Array.from({ length: RUNS }, () =>
      tf.tidy(() =>
        tf.grad((given) => {
          const { cost, logProbability } = draw(given);
          return scoreFunctionLoss(constant(cost), logProbability, baseline()); // costs are told, not differentiated
        })(memory),
      ),
    );
    const moments = tf.moments(tf.stack(estimates), 0);
    const deviations = tf.div(tf.abs(tf.sub(moments.mean, exact)), tf.sqrt(tf.div(moments.variance, RUNS)));
    return [tf.sum(moments.variance), tf.max(deviations)] as const;
  });
  const [[total], [largest]] = [await variance.data(), await errors.data()];
  return { variance: total!, errors: largest! }; // scalars
}
