import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import type { Cell } from '../../src/cell/cell.ts';
import { weight } from '../../src/cell/cell.ts';
import { tensor1, tensor3 } from '../../src/cell/typed-tensors.ts';
import { gruStep } from '../../src/encoder/gru.ts';
import { initRecurrentLayer, type RecurrentLayerConfig, runRecurrentLayer } from '../../src/encoder/recurrent-layer.ts';
import { exportCell } from '../../src/export/export-cell.ts';
import { Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import { gap } from '../attention/family.ts';
import { gradientErrors, mixed, randomTensor } from '../attention/finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const [B, T, D, U] = [3, 5, 3, 4];
const LENGTHS = [5, 2, 1];
const CONFIGS: RecurrentLayerConfig[] = (['lstm', 'gru'] as const).flatMap((cell) =>
  (['causal', 'both'] as const).map((direction) => ({ cell, direction, depth: D, units: U })),
);

const inputs = (): tf.Tensor3D => randomTensor(1, B, T, D) as tf.Tensor3D;

function weightsOf(config: RecurrentLayerConfig): Record<string, tf.Tensor> {
  return tensorsOf(initRecurrentLayer(config, Random.seeded(2)));
}

describe.each(CONFIGS)('a recurrent layer of $cell cells that runs $direction', (config) => {
  const isBoth = config.direction === 'both';

  test('gives a row what the row alone gives, whatever its padding holds', () => {
    const weights = weightsOf(config);
    const padded = runRecurrentLayer(weights, config, { inputs: inputs(), lengths: LENGTHS });
    for (const [row, length] of LENGTHS.entries()) {
      const own = tf.slice(inputs(), [row, 0, 0], [1, length, D]);
      const alone = runRecurrentLayer(weights, config, { inputs: own });
      expect(gap(alone.vectors, tf.slice(padded.vectors, [row, 0, 0], [1, length, U]))).toBeLessThan(1e-6);
      expect(gap(alone.final, tf.slice(padded.final, [row, 0], [1, U]))).toBeLessThan(1e-6);
      const behind = tf.slice(padded.vectors, [row, length, 0], [1, T - length, U]);
      expect(tf.sum(tf.abs(behind)).arraySync()).toBe(0);
    }
  });

  test('ends with the newest vector of each direction', () => {
    const { vectors, final } = runRecurrentLayer(weightsOf(config), config, { inputs: inputs() });
    const half = isBoth ? U / 2 : U;
    const newest = tf.slice(vectors, [0, T - 1, 0], [B, 1, half]).reshape([B, half]);
    expect(gap(newest, tf.slice(final, [0, 0], [B, half]))).toBe(0);
    if (!isBoth) return;
    const first = tf.slice(vectors, [0, 0, half], [B, 1, half]).reshape([B, half]);
    expect(gap(first, tf.slice(final, [0, half], [B, half]))).toBe(0);
  });

  test('sees what comes later only where it runs both ways', () => {
    const weights = weightsOf(config);
    const changed = tf.concat<tf.Tensor3D>([tf.slice(inputs(), 0, [B, T - 1]), tf.ones([B, 1, D])], 1);
    const [a, b] = [inputs(), changed].map((x) => {
      const { vectors } = runRecurrentLayer(weights, config, { inputs: x });
      return tf.slice(vectors, [0, 0, 0], [B, T - 1, U]);
    }) as [tf.Tensor, tf.Tensor];
    expect(gap(a, b) > 1e-3).toBe(isBoth);
    expect(gap(a, b) === 0).toBe(!isBoth);
  });

  test('has the gradient that finite differences give', () => {
    const loss = ({ x, ...weights }: Record<string, tf.Tensor>): tf.Scalar => {
      const { vectors, final } = runRecurrentLayer(weights, config, { inputs: x as tf.Tensor3D, lengths: LENGTHS });
      return mixed(vectors, final);
    };
    const errors = gradientErrors(loss, { ...weightsOf(config), x: inputs() });
    expect(Object.entries(errors).filter(([, error]) => !(error < 1e-3))).toEqual([]);
  });

  test('gives in onnxruntime what it gives in tfjs, at any number of rows and inputs', async () => {
    const arrays = initRecurrentLayer(config, Random.seeded(2));
    const cell: Cell = {
      name: 'encode',
      inputs: { x: { shape: ['B', 'T', D], dtype: 'float32' }, lengths: { shape: ['B'], dtype: 'int32' } },
      outputs: { vectors: { shape: ['B', 'T', U], dtype: 'float32' }, final: { shape: ['B', U], dtype: 'float32' } },
      run: (weights, given) => {
        const x = tensor3(given, 'x');
        // What is tried as an input is 0 or 1: so much less than all.
        const all = tf.add(tf.max(tf.range(0, x.shape[1], 1, 'float32')), 1);
        const fewer = tf.sub(all, tensor1(given, 'lengths'));
        const lengths = tf.cast<tf.Tensor1D>(tf.maximum(fewer, 1), 'int32');
        const { vectors, final } = runRecurrentLayer(weights, config, { inputs: x, lengths });
        return { vectors, final };
      },
    };
    expect((await exportCell(cell, arrays)).worstDifference).toBeLessThan(1e-5);
  });

  test('leaves no tensor behind', () => {
    const [weights, x] = [weightsOf(config), inputs()];
    const before = tf.memory().numTensors;
    tf.dispose(runRecurrentLayer(weights, config, { inputs: x, lengths: LENGTHS }));
    tf.dispose(runRecurrentLayer(weights, config, { inputs: x }));
    expect(tf.memory().numTensors).toBe(before);
  });

  test.runIf(!isBoth)('goes on from its states as if it had not stopped', () => {
    const weights = weightsOf(config);
    const whole = runRecurrentLayer(weights, config, { inputs: inputs() });
    const first = runRecurrentLayer(weights, config, { inputs: tf.slice(inputs(), [0, 0, 0], [B, 2, D]) });
    const rest = tf.slice(inputs(), [0, 2, 0], [B, T - 2, D]);
    const second = runRecurrentLayer(weights, config, { inputs: rest, states: first.states });
    expect(gap(whole.vectors, tf.concat([first.vectors, second.vectors], 1))).toBeLessThan(1e-6);
    expect(gap(whole.final, second.final)).toBeLessThan(1e-6);
  });
});

test('a sequence of a GRU is its step, again and again', () => {
  const config: RecurrentLayerConfig = { cell: 'gru', direction: 'causal', depth: D, units: U };
  const weights = weightsOf(config);
  const [kernel, bias] = [weight(weights, 'forward.kernel'), weight(weights, 'forward.bias')];
  const step = {
    kernel: tf.slice(kernel, [D, 0], [U, 3 * U]),
    candidateBias: weight(weights, 'forward.candidateBias'),
  };
  let hidden = tf.zeros<tf.Rank.R2>([B, U]);
  for (const x of tf.unstack(inputs(), 1)) {
    const projected = tf.add<tf.Tensor2D>(tf.matMul(x, tf.slice(kernel, [0, 0], [D, 3 * U])), bias);
    hidden = gruStep(step as Parameters<typeof gruStep>[0], projected, hidden); // ranks as `initRecurrentLayer` says
  }
  expect(gap(hidden, runRecurrentLayer(weights, config, { inputs: inputs() }).final)).toBeLessThan(1e-6);
});

test('a recurrent layer refuses lengths outside of its input, and units that cannot be halved', () => {
  const config: RecurrentLayerConfig = { cell: 'lstm', direction: 'both', depth: D, units: U };
  const run = (lengths: number[]) => runRecurrentLayer(weightsOf(config), config, { inputs: inputs(), lengths });
  expect(() => run([5, 6, 1])).toThrow('Expected 3 `lengths` in 1..5, got [5, 6, 1]');
  expect(() => run([5, 0, 1])).toThrow('Expected 3 `lengths` in 1..5');
  expect(() => run([5, 1])).toThrow('Expected 3 `lengths` in 1..5');
  expect(() => initRecurrentLayer({ ...config, units: 5 }, Random.seeded(1))).toThrow('to be even, got 5');
});
