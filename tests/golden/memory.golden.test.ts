import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import type { MemoryConfig } from '../../src/memory/config.ts';
import { liveEntries, slotsOf } from '../../src/memory/state.ts';
import { entriesAt } from '../../src/memory/parallel.ts';
import { buildLevels, readParallel } from '../../src/memory/parallel.ts';
import { summarize } from '../../src/memory/summarize.ts';

type Plain = { readonly shape: number[]; readonly data: number[] };
type Golden = {
  readonly config: Omit<MemoryConfig, 'tokenCountBias'>;
  readonly weights: Readonly<Record<string, Plain>>;
  readonly gradients: Readonly<Record<string, Plain>>;
  readonly summary: Readonly<Record<'children' | 'mass' | 'slots' | 'pooling', Plain>>;
} & Readonly<Record<'vectors' | 'probe' | 'outputs' | 'outputsWithMassBias' | 'entries' | 'masses', Plain>>;

const golden: Golden = JSON.parse(readFileSync(new URL('memory/memory.json', import.meta.url), 'utf8'));
const config: MemoryConfig = { ...golden.config, tokenCountBias: false };

beforeAll(() => tf.setBackend('cpu'));

function tensor({ shape, data }: Plain): tf.Tensor {
  return tf.tensor(data, shape, 'float32');
}

/** One sequence or node as a batch of one. */
function batch({ shape, data }: Plain): tf.Tensor {
  return tf.tensor(data, [1, ...shape], 'float32');
}

function weights(): Record<string, tf.Tensor> {
  return Object.fromEntries(Object.entries(golden.weights).map(([name, array]) => [name, tensor(array)]));
}

function largestGap(got: tf.Tensor, { data }: Plain): number {
  const numbers = got.dataSync();
  expect(numbers.length).toBe(data.length);
  return Math.max(...data.map((value, index) => Math.abs(value - (numbers[index] ?? Number.NaN))));
}

describe('the memory agrees with the equations in JAX, in double precision', () => {
  test('a summary of children of which one is absent', () => {
    const children = batch(golden.summary.children) as tf.Tensor3D;
    const tokenCounts = batch(golden.summary.mass) as tf.Tensor2D;
    const { slots, pooling } = summarize(weights(), config, { children, tokenCounts }, 'inner');
    expect(largestGap(slots, golden.summary.slots)).toBeLessThan(1e-5);
    expect(largestGap(pooling, golden.summary.pooling)).toBeLessThan(1e-6);
  });

  test.each([
    ['without mass', false, golden.outputs],
    ['with the log-mass bias', true, golden.outputsWithMassBias],
  ])('the reads at every time, %s', (_, tokenCountBias, expected) => {
    const { outputs } = readParallel(weights(), { ...config, tokenCountBias }, batch(golden.vectors) as tf.Tensor3D);
    expect(largestGap(outputs, expected)).toBeLessThan(2e-5);
  });

  test('the entries at the end and the vectors that they stand for', () => {
    const count = golden.vectors.shape[0] ?? 0;
    const levels = buildLevels(weights(), config, batch(golden.vectors) as tf.Tensor3D);
    expect(largestGap(entriesAt(config, levels, [count]).entries, golden.entries)).toBeLessThan(1e-5);
    const masses = liveEntries(config, count).map(
      ({ level, span }) => (span.end - span.start) / slotsOf(config, level),
    );
    expect(masses).toEqual(golden.masses.data);
  });

  test('the gradients in the vectors and in every weight', () => {
    const names = Object.keys(golden.weights);
    const parts = weights();
    const gradients = tf.grads((vectors, ...rest) => {
      const moved = Object.fromEntries(names.map((name, index) => [name, rest[index]!]));
      const { outputs } = readParallel(moved, config, vectors as tf.Tensor3D);
      return tf.sum(tf.mul(outputs, batch(golden.probe)));
    })([batch(golden.vectors), ...names.map((name) => parts[name]!)]);
    for (const [index, name] of ['vectors', ...names].entries()) {
      const expected = golden.gradients[name]!;
      const size = Math.max(1, ...expected.data.map(Math.abs));
      expect(largestGap(gradients[index]!, expected) / size, name).toBeLessThan(2e-5);
    }
  });
});
