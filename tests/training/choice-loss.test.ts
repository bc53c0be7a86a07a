import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { choiceLoss } from '../../src/training/choice-loss.ts';
import { coverageLoss } from '../../src/training/coverage-loss.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Rows of two labels, and of one, with the end behind them; each step draws one of two entries. */
const LABELS = [Int32Array.of(1, 2), Int32Array.of(2)];
const [ROWS, STEPS, ENTRIES, CLASSES] = [2, 3, 2, 3];
/** Steps that count: all of the first row, two of the second. */
const COUNTED = [0, 1, 2, 3, 4];

/** All ways to draw an entry at each step that counts; at the step behind the end always the first. */
const WAYS = Array.from({ length: ENTRIES ** COUNTED.length }, (_, way) =>
  Array.from({ length: ROWS * STEPS }, (_step, step) => (COUNTED.includes(step) ? (way >> step) & 1 : 0)),
);

/** Scores of the labels, of which those at a step depend on all that the row drew up to it. */
function logitsOf(way: readonly number[]): tf.Tensor3D {
  const scores = Array.from({ length: ROWS }, (_, row) =>
    Array.from({ length: STEPS }, (_step, step) => {
      const drawn = way.slice(row * STEPS, row * STEPS + step + 1);
      const sum = drawn.reduce((total, entry, place) => total + entry * (place + 1), row);
      return Array.from({ length: CLASSES }, (_class, label) => Math.sin(1 + 2 * sum + 3 * label));
    }),
  );
  return tf.tensor3d(scores, [ROWS, STEPS, CLASSES]);
}

/** What the labels of both rows cost together. */
function costOf(logits: tf.Tensor3D): number {
  const logShares = tf.logSoftmax(logits).arraySync();
  return LABELS.reduce(
    (sum, labels, row) =>
      sum +
      Array.from({ length: labels.length + 1 }, (_, step) => -logShares[row]![step]![labels[step] ?? 0]!).reduce(
        (a, b) => a + b,
      ),
    0,
  );
}

const THETA = tf.tensor2d([0.3, -0.2, 0.5, 0.1, -0.4, 0.8, 0.2, 0.7, -0.6, 0.4, 0.9, -0.1], [ROWS * STEPS, ENTRIES]);

/** Log-probabilities of what each step drew, `[B S]`. */
function drawnBy(theta: tf.Tensor, way: readonly number[]): tf.Tensor1D {
  const chosen = tf.oneHot(tf.tensor1d([...way], 'int32'), ENTRIES);
  return tf.sum(tf.mul(tf.logSoftmax(theta), chosen), 1);
}

const countedOnly = (x: tf.Tensor1D): tf.Tensor1D => tf.gather(x, tf.tensor1d(COUNTED, 'int32'));

test('the mean gradient of what was drawn is that of the expected cost of a label, over all ways to draw', () => {
  const expected = tf.grad((theta: tf.Tensor) => {
    const costs = WAYS.map((way) => {
      const probability = tf.exp(tf.sum(countedOnly(drawnBy(theta, way))));
      return tf.mul(probability, costOf(logitsOf(way)) / COUNTED.length);
    });
    return tf.addN(costs);
  })(THETA);
  const estimates = WAYS.map((way) => {
    const probability = tf.exp(tf.sum(countedOnly(drawnBy(THETA, way))));
    const gradient = tf.grad((theta: tf.Tensor) => {
      const logProbability = tf.reshape<tf.Rank.R2>(drawnBy(theta, way), [ROWS, STEPS]);
      return choiceLoss({ logProbability, entropy: tf.zeros([ROWS, STEPS]) }, logitsOf(way), LABELS);
    })(THETA);
    return tf.mul(gradient, probability);
  });
  const [own, exact] = [tf.addN(estimates).dataSync(), expected.dataSync()];
  expect(Math.max(...exact.map(Math.abs))).toBeGreaterThan(0.01);
  for (const [index, value] of exact.entries()) expect(own[index]).toBeCloseTo(value, 5);
});

test('its value is the entropy’s term alone, which rewards choices that are still open', () => {
  const entropy = tf.tensor2d([
    [1, 2, 3],
    [4, 5, 600],
  ]); // the last lies behind the end
  const logProbability = tf.zeros<tf.Rank.R2>([ROWS, STEPS]);
  const loss = choiceLoss({ logProbability, entropy }, logitsOf(WAYS[7]!), LABELS);
  expect(loss.dataSync()[0]).toBeCloseTo((-0.01 * (1 + 2 + 3 + 4 + 5)) / 5, 6);
});

test('coverage is the mean square of what the shares of an entry lack of 1, up to a row’s end', () => {
  const alignment = tf.tensor3d([
    [
      [1, 0],
      [0.5, 0.5],
      [0, 1],
    ],
    [
      [0.25, 0.75],
      [1, 0],
      [9, 9],
    ],
  ]);
  const squares = [(1 - 1.5) ** 2, (1 - 1.5) ** 2, (1 - 1.25) ** 2, (1 - 0.75) ** 2];
  expect(coverageLoss(alignment, LABELS).dataSync()[0]).toBeCloseTo(squares.reduce((a, b) => a + b) / 4, 6);
});
