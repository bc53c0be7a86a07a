import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { smoothedCrossEntropy } from '../../src/training/cross-entropy.ts';
import { gradientErrors, randomTensor } from '../attention/finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const CLASSES = 5;
const logits = randomTensor(1, 2, 4, CLASSES) as tf.Tensor3D;
/** The first row fills its targets, the second ends after one. */
const targets = tf.tensor2d(
  [
    [3, 1, 4],
    [2, 0, 0],
  ],
  [2, 3],
  'int32',
);
/** What is to be predicted, step by step, the end included. */
const PREDICTED = [
  [3, 1, 4, 0],
  [2, 0],
];

/** Mean over the predictions of the cross-entropy with `1 - smoothing` on the target and the rest spread over all. */
function byLoops(smoothing: number): number {
  const values = logits.arraySync();
  const losses = PREDICTED.flatMap((row, index) =>
    row.map((target, step) => {
      const scores = values[index]?.[step] ?? [];
      const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
      return scores.reduce((sum, score, id) => {
        const wanted = (id === target ? 1 - smoothing : 0) + smoothing / CLASSES;
        return sum - wanted * (score - Math.log(total));
      }, 0);
    }),
  );
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}

describe('smoothedCrossEntropy', () => {
  test.each([0, 0.1, 0.5])('agrees with its equation written as loops at smoothing %d', (smoothing) => {
    expect(smoothedCrossEntropy(logits, targets, smoothing).arraySync()).toBeCloseTo(byLoops(smoothing), 5);
  });

  test('has the gradient that finite differences give, and none behind the end of a row', () => {
    const loss = (x: tf.Tensor): tf.Scalar => smoothedCrossEntropy(x as tf.Tensor3D, targets, 0.1);
    const errors = gradientErrors(({ x }) => loss(x!), { x: logits });
    expect(errors['x']).toBeLessThan(1e-3);
    const gradient = tf.grad(loss)(logits).arraySync() as number[][][];
    expect(
      gradient[1]
        ?.slice(2)
        .flat()
        .every((value) => value === 0),
    ).toBe(true);
    expect(
      gradient[1]
        ?.slice(0, 2)
        .flat()
        .every((value) => value !== 0),
    ).toBe(true);
  });

  test('is least, without smoothing, where the targets are certain', () => {
    const certain = tf.mul(
      tf.oneHot(
        tf.tensor2d(
          [
            [3, 1, 4, 0],
            [2, 0, 0, 0],
          ],
          [2, 4],
          'int32',
        ),
        CLASSES,
      ),
      50,
    );
    expect(smoothedCrossEntropy(certain as tf.Tensor3D, targets, 0).arraySync()).toBeCloseTo(0, 6);
  });

  test('asks a row without targets for its end', () => {
    const loss = smoothedCrossEntropy(tf.zeros([2, 1, CLASSES]), tf.zeros([2, 0], 'int32'), 0);
    expect(loss.arraySync()).toBeCloseTo(Math.log(CLASSES), 6);
  });

  test('leaks no tensor', () => {
    const before = tf.memory().numTensors;
    smoothedCrossEntropy(logits, targets, 0.1).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names the offending argument', () => {
    expect(() => smoothedCrossEntropy(tf.zeros([2, 3, 5]), targets, 0)).toThrow(
      'Expected `logits` of shape [2, 4, *], got [2, 3, 5]',
    );
    expect(() => smoothedCrossEntropy(logits, targets, 1)).toThrow('Expected `smoothing` in 0..0.99, got 1');
  });
});
