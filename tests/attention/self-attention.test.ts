import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  HIDDEN,
  multiHead,
  paddingBias,
  Random,
  scaledDot,
  selfAttention,
  tensorsOf,
} from '../../src/attention/index.ts';
import type { Cell } from '../../src/cell/cell.ts';
import { weight } from '../../src/cell/cell.ts';
import { exportCell } from '../../src/export/export-cell.ts';
import { gap } from './family.ts';
import { gradientErrors, mixed, randomTensor } from './finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const [BATCH, LENGTH, DEPTH, UNITS] = [2, 5, 4, 6];
const arrays = selfAttention({ heads: 2, causal: true }).init(
  { depth: DEPTH, attentionUnits: UNITS },
  Random.seeded(1),
);
const values = randomTensor(2, BATCH, LENGTH, DEPTH) as tf.Tensor3D;

describe.each([false, true])('self-attention, causal: %s', (causal) => {
  const layer = selfAttention({ heads: 2, causal });

  test('gives each entry what general attention gives it as a query', () => {
    const weights = tensorsOf(arrays);
    const mechanism = multiHead(scaledDot, 2);
    const { outputs, alignment } = layer.attend(weights, { values, bias: paddingBias([5, 3], LENGTH) });
    for (let t = 0; t < LENGTH; t++) {
      const seen = causal ? [Math.min(5, t + 1), Math.min(3, t + 1)] : [5, 3];
      const prepared = mechanism.prepare(weights, { values, bias: paddingBias(seen, LENGTH) });
      const query = tf.squeeze<tf.Tensor2D>(tf.slice(values, [0, t, 0], [BATCH, 1, DEPTH]), [1]);
      const alone = mechanism.attend(weights, query, prepared, {});
      expect(gap(alone.context, tf.squeeze(tf.slice(outputs, [0, t, 0], [BATCH, 1, DEPTH]), [1]))).toBeLessThan(1e-6);
      expect(gap(alone.alignment, tf.squeeze(tf.slice(alignment, [0, t, 0], [BATCH, 1, LENGTH]), [1]))).toBeLessThan(
        1e-6,
      );
    }
  });

  test('has the gradient that finite differences give', () => {
    const loss = ({ values: moved, ...weights }: Record<string, tf.Tensor>): tf.Scalar => {
      const memory = { values: moved as tf.Tensor3D, bias: paddingBias([5, 3], LENGTH) };
      const { outputs, alignment } = layer.attend(weights, memory);
      return mixed(outputs, alignment);
    };
    const errors = gradientErrors(loss, { ...tensorsOf(arrays), values });
    expect(Object.entries(errors).filter(([, error]) => !(error < 1e-3))).toEqual([]);
  });

  test('gives zeros to an entry that sees nothing, and stays finite at logits of ten thousand', () => {
    const weights = tensorsOf(arrays);
    const bias = tf.tensor2d([[HIDDEN, HIDDEN, 0, 0, 0], Array.from({ length: LENGTH }, () => HIDDEN)]);
    const { outputs } = layer.attend(weights, { values: tf.mul<tf.Tensor3D>(values, 1e3), bias });
    const [first = [], second = []] = outputs.arraySync();
    const zeros = [0, 0, 0, 0];
    expect(second).toEqual(second.map(() => zeros));
    expect(first.map((row) => row.every((value) => value === 0))).toEqual([causal, causal, false, false, false]);
    expect(first.flat().every(Number.isFinite)).toBe(true);
  });

  test('gives in onnxruntime what it gives in tfjs, at any number of rows and entries', async () => {
    const cell: Cell = {
      name: 'attend',
      inputs: {
        values: { shape: ['B', 'T', DEPTH], dtype: 'float32' },
        bias: { shape: ['B', 'T'], dtype: 'float32' },
      },
      outputs: {
        outputs: { shape: ['B', 'T', DEPTH], dtype: 'float32' },
        alignment: { shape: ['B', 'T', 'T'], dtype: 'float32' },
      },
      run: (weights, inputs) =>
        layer.attend(weights, {
          values: weight(inputs, 'values') as tf.Tensor3D,
          bias: weight(inputs, 'bias') as tf.Tensor2D,
        }),
    };
    expect((await exportCell(cell, arrays)).worstDifference).toBeLessThan(1e-5);
  });

  test('leaks no tensor and names the offending argument', () => {
    const weights = tensorsOf(arrays);
    const bias = paddingBias([5, 3], LENGTH);
    const before = tf.memory().numTensors;
    tf.dispose(layer.attend(weights, { values, bias }));
    expect(tf.memory().numTensors).toBe(before);
    expect(() => layer.attend(weights, { values, bias: tf.zeros([2, 4]) })).toThrow(
      'Expected `bias` of shape [2, 5], got [2, 4]',
    );
  });
});
