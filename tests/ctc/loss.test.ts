import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { ctcForwardBackward } from '../../src/ctc/forward-backward.ts';
import { ctcLoss } from '../../src/ctc/loss.ts';

beforeAll(() => tf.setBackend('cpu'));

const logits = tf.randomNormal<tf.Rank.R3>([3, 6, 4], 0, 2, 'float32', 1);
const labels = [[1, 1, 3], [], Int32Array.of(2, 3)];
const frameCounts = [6, 4, 5];

describe('ctcLoss', () => {
  test('gives each row what the row alone gives, whatever stands behind its end', () => {
    const losses = ctcLoss(logits, labels, frameCounts).arraySync();
    expect(losses).toHaveLength(3);
    for (const [row, count] of frameCounts.entries()) {
      const values = Float32Array.from(tf.slice(logits, [row, 0, 0], [1, count, 4]).dataSync());
      const expected = ctcForwardBackward(values, 4, labels[row] ?? [], new Float32Array(values.length));
      expect(losses[row]).toBeCloseTo(expected, 5);
    }
  });

  test('scales the gradient of each row by what flows into its loss, and has none behind the end', () => {
    const factors = tf.tensor1d([2, -1, 0.5]);
    const gradient = tf.grad((x) => tf.sum(tf.mul(ctcLoss(x as tf.Tensor3D, labels, frameCounts), factors)))(logits);
    const got = gradient.arraySync() as number[][][];
    for (const [row, count] of frameCounts.entries()) {
      const values = Float32Array.from(tf.slice(logits, [row, 0, 0], [1, count, 4]).dataSync());
      const expected = new Float32Array(values.length);
      ctcForwardBackward(values, 4, labels[row] ?? [], expected);
      const factor = factors.arraySync()[row] ?? Number.NaN;
      for (const [i, value] of (got[row] ?? []).flat().entries()) {
        expect(value).toBeCloseTo(i < count * 4 ? factor * (expected[i] ?? Number.NaN) : 0, 6);
      }
    }
  });

  test('leaves the gradient of the other rows alone where one row cannot be labelled', () => {
    const mean = (counts: readonly number[]) => (x: tf.Tensor) => tf.mean(ctcLoss(x as tf.Tensor3D, labels, counts));
    expect(mean([3, 4, 5])(logits).arraySync()).toBe(Number.POSITIVE_INFINITY);
    const impossible = tf
      .grad(mean([3, 4, 5]))(logits)
      .arraySync() as number[][][];
    const possible = tf.grad(mean(frameCounts))(logits).arraySync() as number[][][];
    expect(impossible[0]?.flat().every((value) => value === 0)).toBe(true);
    expect(impossible.slice(1)).toEqual(possible.slice(1));
  });

  test('leaks no tensor, with or without a gradient', () => {
    const before = tf.memory().numTensors;
    ctcLoss(logits, labels, frameCounts).dispose();
    tf.grad((x) => tf.sum(ctcLoss(x as tf.Tensor3D, labels, frameCounts)))(logits).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names the offending argument', () => {
    expect(() => ctcLoss(tf.zeros<tf.Rank>([3, 4]) as tf.Tensor3D, labels, frameCounts)).toThrow(
      'Expected `logits` of shape [*, *, *], got [3, 4]',
    );
    expect(() => ctcLoss(logits, labels, [6, 7, 5])).toThrow(
      'Expected 3 labellings and as many `frameCounts` in 0..6, got 3 and [6, 7, 5]',
    );
    expect(() => ctcLoss(logits, labels.slice(1), frameCounts)).toThrow('got 2 and [6, 4, 5]');
    for (const bad of [[0], [4], [1.5]]) {
      expect(() => ctcLoss(logits, [[1], bad, []], frameCounts)).toThrow(
        `Expected \`labels[1]\` of ids in 1..3, got [${bad[0]}]`,
      );
    }
  });
});
