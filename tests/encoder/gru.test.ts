import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { gruStep } from '../../src/encoder/gru.ts';
import { gradientErrors, mixed, randomTensor } from '../attention/finite-differences.ts';
import { gap } from '../decoder/example.ts';

beforeAll(() => tf.setBackend('cpu'));

const [BATCH, UNITS] = [2, 3];

function example(): Record<'kernel' | 'candidateBias' | 'input' | 'hidden', tf.Tensor> {
  return {
    kernel: randomTensor(1, UNITS, 3 * UNITS),
    candidateBias: randomTensor(2, UNITS),
    input: randomTensor(3, BATCH, 3 * UNITS),
    hidden: randomTensor(4, BATCH, UNITS),
  };
}

function run({ kernel, candidateBias, input, hidden }: Record<string, tf.Tensor>): tf.Tensor2D {
  const weights = { kernel: kernel as tf.Tensor2D, candidateBias: candidateBias as tf.Tensor1D };
  return gruStep(weights, input as tf.Tensor2D, hidden as tf.Tensor2D);
}

describe('gruStep', () => {
  test('agrees with its equations written as loops', () => {
    const given = example();
    const kernel = given.kernel.arraySync() as number[][];
    const bias = given.candidateBias.arraySync() as number[];
    const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
    const got = run(given).arraySync();
    for (const [row, hidden] of (given.hidden.arraySync() as number[][]).entries()) {
      const input = (given.input.arraySync() as number[][])[row] ?? [];
      for (let unit = 0; unit < UNITS; unit++) {
        const product = (gate: number): number =>
          hidden.reduce((sum, value, i) => sum + value * (kernel[i]?.[gate * UNITS + unit] ?? Number.NaN), 0);
        const [reset, update] = [0, 1].map((gate) => sigmoid((input[gate * UNITS + unit] ?? 0) + product(gate)));
        const recalled = (reset ?? Number.NaN) * (product(2) + (bias[unit] ?? Number.NaN));
        const candidate = Math.tanh((input[2 * UNITS + unit] ?? Number.NaN) + recalled);
        const keep = update ?? Number.NaN;
        expect(got[row]?.[unit]).toBeCloseTo((1 - keep) * candidate + keep * (hidden[unit] ?? Number.NaN), 6);
      }
    }
  });

  test('has the gradient that finite differences give', () => {
    const errors = gradientErrors((at) => mixed(run(at)), example());
    expect(Object.entries(errors).filter(([, error]) => error > 1e-3)).toEqual([]);
  });

  test('keeps its state where the update gate is shut', () => {
    const given = example();
    const shut = tf.concat(
      [tf.zeros([BATCH, UNITS]), tf.mul(tf.ones([BATCH, UNITS]), 100), tf.zeros([BATCH, UNITS])],
      1,
    );
    expect(gap(run({ ...given, input: shut }), given.hidden)).toBeLessThan(1e-6);
  });

  test('leaks no tensor', () => {
    const given = example();
    const before = tf.memory().numTensors;
    run(given).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names the offending argument', () => {
    expect(() => run({ ...example(), kernel: tf.zeros([3, 8]) })).toThrow(
      'Expected `kernel` of shape [3, 9], got [3, 8]',
    );
    expect(() => run({ ...example(), input: tf.zeros([1, 9]) })).toThrow(
      'Expected `input` of shape [2, 9], got [1, 9]',
    );
  });
});
