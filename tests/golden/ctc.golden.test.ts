import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { ctcLoss } from '../../src/ctc/loss.ts';

beforeAll(() => tf.setBackend('cpu'));

type Case = {
  readonly name: string;
  readonly labels: readonly number[][];
  readonly frameCounts: readonly number[];
  readonly logits: number[][][];
  readonly losses: readonly (number | 'Infinity')[];
  readonly gradient: readonly number[][][];
};

const cases: readonly Case[] = JSON.parse(readFileSync(new URL('ctc/ctc.json', import.meta.url), 'utf8'));

describe("the CTC loss agrees with PyTorch's", () => {
  test.each(cases)('$name', ({ labels, frameCounts, logits, losses, gradient }) => {
    const given = tf.tensor3d(logits);
    for (const [row, loss] of ctcLoss(given, labels, frameCounts).arraySync().entries()) {
      const expected = Number(losses[row]);
      expect(Math.abs(loss - expected) <= 1e-6 * Math.max(1, expected) || loss === expected).toBe(true); // Infinity too
    }
    const own = tf.grad((x) => tf.sum(ctcLoss(x as tf.Tensor3D, labels, frameCounts)))(given);
    const errors = tf.abs(tf.sub(own, tf.tensor3d(gradient as number[][][])));
    expect(tf.max(errors).arraySync()).toBeLessThan(1e-6);
  });
});
