import { expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import type { MemoryConfig } from '../../src/memory/config.ts';
import { initMemory } from '../../src/memory/cells.ts';
import { projectEntries, type ReadInputs, read } from '../../src/memory/read.ts';
import { Random } from '../../src/tensor/random.ts';
import { distance, randomVectors, restlessWeights, tensors } from './cpu-memory.ts';
import { gradientGap } from './finite-differences.ts';
import { matrixOf, mlpRow, rms, softmax, timesMatrix } from './loops.ts';

const CONFIG: MemoryConfig = { depth: 6, heads: 3, window: 4, leafFanIn: 5, fanIn: 2, slots: 3, tokenCountBias: false };
const BIAS = [
  [0, -1e9, 0.7, 0],
  [-1e9, -1e9, -1e9, 0],
];
const arrays = restlessWeights(CONFIG, 21);
const weights = tensors(arrays);
const queries = tf.tensor3d(randomVectors(22, 2, 2, CONFIG.depth).data, [2, 2, CONFIG.depth]);
const entries = tf.tensor3d(randomVectors(23, 2, 4, CONFIG.depth).data, [2, 4, CONFIG.depth]);
const bias = tf.tensor3d([BIAS, BIAS]);
const inputs: ReadInputs = { queries, ...projectEntries(weights, CONFIG, entries), bias };

test('equals the equation written as loops, masked entries included', () => {
  const { outputs, alignment } = read(weights, CONFIG, inputs);
  const size = CONFIG.depth / CONFIG.heads;
  for (const [stream, asked] of queries.arraySync().entries()) {
    const normalized = (entries.arraySync()[stream] ?? []).map(rms);
    const keys = normalized.map((row) => timesMatrix(row, matrixOf(arrays, 'memory.read.key')));
    const values = normalized.map((row) => timesMatrix(row, matrixOf(arrays, 'memory.read.value')));
    for (const [index, x] of asked.entries()) {
      const query = timesMatrix(rms(x), matrixOf(arrays, 'memory.read.query'));
      const context = new Array<number>(CONFIG.depth).fill(0);
      const mean = new Array<number>(4).fill(0);
      for (let head = 0; head < CONFIG.heads; head++) {
        const logits = keys.map((key, entry) => {
          let product = 0;
          for (let d = head * size; d < (head + 1) * size; d++) product += (query[d] ?? 0) * (key[d] ?? 0);
          return product / Math.sqrt(size) + (BIAS[index]?.[entry] ?? 0);
        });
        for (const [entry, share] of softmax(logits).entries()) {
          mean[entry] = (mean[entry] ?? 0) + share / CONFIG.heads;
          for (let d = head * size; d < (head + 1) * size; d++) {
            context[d] = (context[d] ?? 0) + share * (values[entry]?.[d] ?? 0);
          }
        }
      }
      const added = timesMatrix(context, matrixOf(arrays, 'memory.read.output'));
      const expected = mlpRow(
        arrays,
        'memory.read.mlp',
        x.map((value, d) => value + (added[d] ?? 0)),
      );
      expect(distance(outputs.arraySync()[stream]?.[index] ?? [], expected)).toBeLessThan(1e-5);
      expect(distance(alignment.arraySync()[stream]?.[index] ?? [], mean)).toBeLessThan(1e-6);
    }
  }
});

test('a hidden entry has no weight, and rows sum to 1', () => {
  const rows = read(weights, CONFIG, inputs).alignment.arraySync()[0] ?? [];
  expect(rows[0]?.[1]).toBe(0);
  expect(rows[1]).toEqual([0, 0, 0, 1]);
  for (const row of rows) expect(row.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
});

test('one bias serves all streams', () => {
  const shared = read(weights, CONFIG, { ...inputs, bias: tf.tensor3d([BIAS]) });
  expect(shared.outputs.dataSync()).toEqual(read(weights, CONFIG, inputs).outputs.dataSync());
});

test('has the gradients of its finite differences, in every weight, the queries and the entries', () => {
  const names = Object.keys(arrays).filter((name) => name.startsWith('memory.read.'));
  const probe = tf.randomNormal([2, 2, CONFIG.depth], 0, 1, 'float32', 24);
  const gap = gradientGap(
    (x, y, ...rest) => {
      const moved = { ...weights, ...Object.fromEntries(names.map((name, index) => [name, rest[index]!])) };
      const projected = projectEntries(moved, CONFIG, y as tf.Tensor3D);
      return tf.sum(tf.mul(read(moved, CONFIG, { queries: x as tf.Tensor3D, ...projected, bias }).outputs, probe));
    },
    [queries, entries, ...names.map((name) => weights[name]!)],
  );
  expect(gap).toBeLessThan(5e-3);
});

test('query and key map start equal', () => {
  const initial = initMemory(CONFIG, Random.seeded(5));
  expect(initial['memory.read.query']).toEqual(initial['memory.read.key']);
  expect(initial['memory.read.query']?.data.buffer).not.toBe(initial['memory.read.key']?.data.buffer);
});

test('leaks no tensor', () => {
  const before = tf.memory().numTensors;
  tf.dispose(read(weights, CONFIG, inputs));
  tf.dispose(projectEntries(weights, CONFIG, entries));
  expect(tf.memory().numTensors).toBe(before);
});

test.each([
  ['queries', { queries: tf.zeros<tf.Rank.R3>([2, 2, 5]) }, '`queries` of shape [*, *, 6], got [2, 2, 5]'],
  ['keys', { keys: tf.zeros<tf.Rank.R3>([1, 4, 6]) }, '`keys` of shape [2, *, 6], got [1, 4, 6]'],
  ['values', { values: tf.zeros<tf.Rank.R3>([2, 3, 6]) }, '`values` of shape [2, 4, 6], got [2, 3, 6]'],
  ['bias', { bias: tf.zeros<tf.Rank.R3>([2, 1, 4]) }, '`bias` of shape [*, 2, 4], got [2, 1, 4]'],
])('names %s where they do not fit', (_, wrong, message) => {
  expect(() => read(weights, CONFIG, { ...inputs, ...wrong })).toThrow(`Expected ${message}`);
});

test('names the weight that is missing', () => {
  const { 'memory.read.output': _, ...rest } = weights;
  expect(() => read(rest, CONFIG, inputs)).toThrow('`memory.read.output`');
});
