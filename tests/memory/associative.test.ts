import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import { type Associations, associate, initAssociative, noAssociations, recall } from '../../src/memory/associative.ts';
import { type AssociativeConfig, featureCount } from '../../src/memory/associative-sizes.ts';
import { conjugateGradients } from '../../src/memory/associative.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { distance, randomVectors, tensors } from './cpu-memory.ts';
import { gradientGap } from './finite-differences.ts';
import { matrixOf, rms, timesMatrix } from './loops.ts';

const CONFIG: AssociativeConfig = { depth: 6, keyDepth: 3, valueDepth: 4 };
const LENGTH = 14;
const BATCH = 2;
const arrays = restless();
const weights = tensors(arrays);
const vectors = tf.tensor3d(randomVectors(52, BATCH, LENGTH, CONFIG.depth).data, [BATCH, LENGTH, CONFIG.depth]);

/** Weights with a gate that opens for some vectors, closes for others, and is in between for the rest. */
function restless() {
  const initial = initAssociative(CONFIG, Random.seeded(51));
  return {
    ...initial,
    'memory.associative.query': normalArray(Random.seeded(53), [6, 3], 0.4),
    'memory.associative.gate.kernel': normalArray(Random.seeded(54), [6, 1], 2),
    'memory.associative.ridge': { shape: [1], data: new Float32Array([1]) },
  };
}

/** phi as loops. */
function features(key: readonly number[]): number[] {
  const length = Math.sqrt(key.reduce((sum, x) => sum + x * x, 1e-6));
  const unit = key.map((x) => x / length);
  return unit.flatMap((x, i) => unit.slice(i).map((y, offset) => x * y * (offset === 0 ? 1 : Math.SQRT2)));
}

/** Solves by Gaussian elimination. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  for (let pivot = 0; pivot < rows.length; pivot++) {
    for (let row = 0; row < rows.length; row++) {
      if (row === pivot) continue;
      const factor = (rows[row]?.[pivot] ?? 0) / (rows[pivot]?.[pivot] ?? 0);
      rows[row] = (rows[row] ?? []).map((value, column) => value - factor * (rows[pivot]?.[column] ?? 0));
    }
  }
  return rows.map((row, index) => (row[rows.length] ?? 0) / (row[index] ?? 0));
}

test('equals the ridge regression from keys to values, solved exactly, at every time', () => {
  const { outputs, gate } = associate(weights, CONFIG, vectors, noAssociations(CONFIG, BATCH));
  const count = featureCount(CONFIG);
  const lambda = Math.log(1 + Math.E) * 0.1 + 1e-3;
  for (const [stream, rows] of vectors.arraySync().entries()) {
    const gram = Array.from({ length: count }, (_row, i) =>
      Array.from({ length: count }, (_column, j) => (i === j ? lambda : 0)),
    );
    const sums = Array.from({ length: count }, () => new Array<number>(CONFIG.valueDepth).fill(0));
    for (const [time, x] of rows.entries()) {
      const row = rms(x);
      const key = features(timesMatrix(row, matrixOf(arrays, 'memory.associative.key')));
      const value = timesMatrix(row, matrixOf(arrays, 'memory.associative.value'));
      const opening = timesMatrix(row, matrixOf(arrays, 'memory.associative.gate.kernel'))[0] ?? 0;
      const written = Math.min(1, Math.max(0, 0.2 * opening + 0.5));
      for (const [i, k] of key.entries()) {
        for (const [j, l] of key.entries()) gram[i]![j] = (gram[i]?.[j] ?? 0) + written * k * l;
        for (const [j, v] of value.entries()) sums[i]![j] = (sums[i]?.[j] ?? 0) + written * k * v;
      }
      const solution = solve(gram, features(timesMatrix(row, matrixOf(arrays, 'memory.associative.query'))));
      const expected = timesMatrix(rms(timesMatrix(solution, sums)), matrixOf(arrays, 'memory.associative.output'));
      expect(gate.arraySync()[stream]?.[time]).toBeCloseTo(written, 5);
      // Six features, eight steps: the solver has converged to float32.
      expect(distance(outputs.arraySync()[stream]?.[time] ?? [], expected)).toBeLessThan(2e-3);
    }
  }
});

test('the gate has exact zeros, exact ones, and values between', () => {
  const gates = associate(weights, CONFIG, vectors, noAssociations(CONFIG, BATCH)).gate.dataSync();
  expect(gates.some((gate) => gate === 0)).toBe(true);
  expect(gates.some((gate) => gate === 1)).toBe(true);
  expect(gates.some((gate) => gate > 0.1 && gate < 0.9)).toBe(true);
});

test('any chunking gives the outputs and the state of the whole', () => {
  const whole = associate(weights, CONFIG, vectors, noAssociations(CONFIG, BATCH));
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: LENGTH - 1 }), { maxLength: 5 }), (cuts) => {
      let state: Associations = noAssociations(CONFIG, BATCH);
      let start = 0;
      const outputs = [...cuts.toSorted((a, b) => a - b), LENGTH].map((end) => {
        const chunk = tf.slice(vectors, [0, start, 0], [-1, end - start, -1]);
        const advanced = associate(weights, CONFIG, chunk, state);
        state = advanced.state;
        start = end;
        return advanced.outputs;
      });
      expect(distance(tf.concat(outputs, 1).dataSync(), whole.outputs.dataSync())).toBeLessThan(2e-3);
      expect(distance(state.sums.dataSync(), whole.state.sums.dataSync())).toBeLessThan(1e-5);
      expect(distance(state.gram.dataSync(), whole.state.gram.dataSync())).toBeLessThan(1e-5);
    }),
    { numRuns: 12 },
  );
});

test('two stretches merge exactly: their sums are the sums of the whole', () => {
  const write = (start: number, end: number) =>
    associate(weights, CONFIG, tf.slice(vectors, [0, start, 0], [-1, end - start, -1]), noAssociations(CONFIG, BATCH))
      .state;
  const [left, right, both] = [write(0, 5), write(5, LENGTH), write(0, LENGTH)];
  expect(distance(tf.add(left.sums, right.sums).dataSync(), both.sums.dataSync())).toBeLessThan(1e-6);
  expect(distance(tf.add(left.gram, right.gram).dataSync(), both.gram.dataSync())).toBeLessThan(1e-6);
});

test('recall reads what associate reads last, without writing', () => {
  const { outputs, state } = associate(weights, CONFIG, vectors, noAssociations(CONFIG, BATCH));
  const last = tf.slice(vectors, [0, LENGTH - 1, 0], [-1, 1, -1]);
  const asked = recall(weights, CONFIG, last, state).dataSync();
  expect(distance(asked, tf.slice(outputs, [0, LENGTH - 1, 0], [-1, 1, -1]).dataSync())).toBeLessThan(2e-3);
});

test('a later vector never changes an earlier output, and nothing written gives zeros', () => {
  const changed = tf.concat<tf.Tensor3D>([tf.slice(vectors, [0, 0, 0], [-1, 9, -1]), tf.zeros([BATCH, 5, 6])], 1);
  const first = (x: tf.Tensor3D) =>
    tf.slice(associate(weights, CONFIG, x, noAssociations(CONFIG, BATCH)).outputs, [0, 0, 0], [-1, 9, -1]).dataSync();
  expect(first(changed)).toEqual(first(vectors));
  const nothing = recall(weights, CONFIG, vectors, noAssociations(CONFIG, BATCH)).dataSync();
  expect(nothing.every((value) => value === 0)).toBe(true);
});

test('has the gradients of its finite differences, in every weight and in the vectors', () => {
  const names = Object.keys(arrays);
  const probe = tf.randomNormal([BATCH, LENGTH, CONFIG.depth], 0, 1, 'float32', 55);
  const gap = gradientGap(
    (x, ...rest) => {
      const moved = Object.fromEntries(names.map((name, index) => [name, rest[index]!]));
      const { outputs, gate } = associate(moved, CONFIG, x as tf.Tensor3D, noAssociations(CONFIG, BATCH));
      return tf.add(tf.sum(tf.mul(outputs, probe)), tf.mul(tf.mean(gate), 3));
    },
    [vectors, ...names.map((name) => weights[name]!)],
    6,
  );
  expect(gap).toBeLessThan(5e-2);
});

test('leaks no tensor and names what does not fit', () => {
  const state = noAssociations(CONFIG, BATCH);
  const before = tf.memory().numTensors;
  const advanced = associate(weights, CONFIG, vectors, state);
  tf.dispose([advanced.outputs, advanced.gate, advanced.state.sums, advanced.state.gram]);
  tf.dispose(recall(weights, CONFIG, vectors, state));
  expect(tf.memory().numTensors).toBe(before);
  expect(() => associate(weights, CONFIG, tf.zeros([BATCH, 3, 5]), state)).toThrow('`vectors` of shape [2, *, 6]');
  expect(() => recall(weights, CONFIG, tf.zeros([1, 3, 6]), state)).toThrow('`queries` of shape [2, *, 6]');
});

describe('conjugate gradients', () => {
  test('solve as many equations as they take steps', () => {
    const matrix = tf.tensor2d([4, 1, 0, 1, 3, 1, 0, 1, 2], [3, 3]);
    const right = tf.tensor3d([[[1, 2, 3], [0, -1, 5]]]); // biome-ignore format: rows
    const apply = (x: tf.Tensor3D): tf.Tensor3D => tf.reshape(tf.matMul(tf.reshape(x, [2, 3]), matrix), [1, 2, 3]);
    const solution = conjugateGradients(apply, right, 3);
    expect(distance(apply(solution).dataSync(), right.dataSync())).toBeLessThan(1e-5);
  });

  test('stay finite past convergence', () => {
    const apply = (x: tf.Tensor3D): tf.Tensor3D => tf.mul(x, 2);
    expect([...conjugateGradients(apply, tf.tensor3d([[[2, 4], [0, 0]]]), 8).dataSync()]).toEqual([1, 2, 0, 0]); // biome-ignore format: rows
  });
});
