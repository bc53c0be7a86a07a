import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import type { MemoryConfig } from '../../src/memory/config.ts';
import { entriesAt } from '../../src/memory/parallel.ts';
import { readNaively } from '../../src/memory/naive.ts';
import { buildLevels, readParallel } from '../../src/memory/parallel.ts';
import type { Weights } from '../../src/cell/cell.ts';
import { distance, randomVectors, restlessWeights, tensors } from './cpu-memory.ts';
import { gradientGap } from './finite-differences.ts';

const CONFIG: MemoryConfig = { depth: 4, heads: 2, window: 3, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: true };
const LENGTH = 30;
const BATCH = 2;
const weights = tensors(restlessWeights(CONFIG, 31));
const vectors = tf.tensor3d(randomVectors(32, BATCH, LENGTH, CONFIG.depth).data, [BATCH, LENGTH, CONFIG.depth]);

function objective(outputs: tf.Tensor3D): tf.Scalar {
  return tf.sum(tf.mul(outputs, tf.randomNormal(outputs.shape, 0, 1, 'float32', 33)));
}

describe.each([
  CONFIG,
  { ...CONFIG, tokenCountBias: false, slots: 1, fanIn: 3 },
  { ...CONFIG, summary: 'mean' as const },
  { ...CONFIG, window: 1, leafFanIn: 1, fanIn: 4 },
  { ...CONFIG, merging: 'eager' as const },
  { ...CONFIG, strongest: 1 },
  { ...CONFIG, strongest: 2, refined: 'leaves' as const },
  { ...CONFIG, associative: { keyDepth: 2 } },
])('w $window, c $leafFanIn, k $fanIn, m $slots, $merging, $strongest, $refined, $associative', (config) => {
  const parts = tensors(restlessWeights(config, 34));

  test('outputs and gradients, in the vectors and in every weight, are those of the naive form', () => {
    const names = Object.keys(parts);
    const through = (form: (parts: Weights, config: MemoryConfig, x: tf.Tensor3D) => tf.Tensor3D) =>
      tf.valueAndGrads((x, ...rest) => {
        const moved = Object.fromEntries(names.map((name, index) => [name, rest[index]!]));
        return objective(form(moved, config, x as tf.Tensor3D));
      })([vectors, ...names.map((name) => parts[name]!)]);
    const naive = through(readNaively);
    const parallel = through((moved, same, x) => readParallel(moved, same, x).outputs);
    expect(distance(parallel.value.dataSync(), naive.value.dataSync())).toBeLessThan(1e-4);
    for (const [index, gradient] of parallel.grads.entries()) {
      const expected = naive.grads[index]?.dataSync() ?? [];
      const size = Math.max(1, ...expected.map(Math.abs));
      expect(distance(gradient.dataSync(), expected) / size, ['vectors', ...names][index]).toBeLessThan(2e-5);
    }
  });
});

test('reads from a vector on are those of all, cut', () => {
  const channelled = { ...CONFIG, associative: { keyDepth: 2 } };
  const parts = tensors(restlessWeights(channelled, 34));
  const all = readParallel(parts, channelled, vectors).outputs;
  const tail = readParallel(parts, channelled, vectors, 21).outputs;
  expect(distance(tail.dataSync(), tf.slice(all, [0, 21, 0], [-1, -1, -1]).dataSync())).toBeLessThan(1e-5);
});

test('has the gradient of its finite differences', () => {
  const gap = gradientGap((x) => objective(readParallel(weights, CONFIG, x as tf.Tensor3D).outputs), [vectors], 12);
  expect(gap).toBeLessThan(1e-2);
});

test('a later input never changes an earlier output', () => {
  const before = readParallel(weights, CONFIG, vectors).outputs;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: LENGTH - 1 }), (cut) => {
      tf.tidy(() => {
        const kept = tf.slice(vectors, [0, 0, 0], [-1, cut, -1]);
        const changed = tf.concat<tf.Tensor3D>([kept, tf.mul(tf.slice(vectors, [0, cut, 0], [-1, -1, -1]), -3)], 1);
        const after = readParallel(weights, CONFIG, changed).outputs;
        const earlier = (outputs: tf.Tensor3D) => tf.slice(outputs, [0, 0, 0], [-1, cut, -1]).dataSync();
        expect(distance(earlier(after), earlier(before))).toBe(0);
        expect(distance(after.dataSync(), before.dataSync())).toBeGreaterThan(0.1);
      });
    }),
    { numRuns: 10 },
  );
});

test('sequences of a batch do not see each other', () => {
  const together = readParallel(weights, CONFIG, vectors).outputs;
  const alone = readParallel(weights, CONFIG, tf.slice(vectors, [1, 0, 0], [1, -1, -1])).outputs;
  expect(distance(tf.slice(together, [1, 0, 0], [1, -1, -1]).dataSync(), alone.dataSync())).toBeLessThan(1e-6);
});

describe('the entries at the end of sequences of unlike length', () => {
  const levels = buildLevels(weights, CONFIG, vectors);

  test('are those of each sequence alone, filled up behind', () => {
    const { entries, bias, live } = entriesAt(CONFIG, levels, [LENGTH, 9]);
    const alone = entriesAt(CONFIG, buildLevels(weights, CONFIG, tf.slice(vectors, [1, 0, 0], [1, 9, -1])), [9]);
    const count = alone.live[0]?.length ?? 0;
    expect(live[1]).toEqual(alone.live[0]);
    expect(entries.shape).toEqual([BATCH, live[0]?.length, CONFIG.depth]);
    const shorter = tf.slice(entries, [1, 0, 0], [1, count, -1]);
    expect(distance(shorter.dataSync(), alone.entries.dataSync())).toBeLessThan(1e-6);
    expect(bias.arraySync()[1]?.slice(0, count)).toEqual(alone.bias.arraySync()[0]);
    expect(
      bias
        .arraySync()[1]
        ?.slice(count)
        .every((value) => value === Math.fround(-1e9)),
    ).toBe(true);
  });

  test('are masked where all they stand for comes before what may be seen', () => {
    const start = LENGTH - 3;
    const { bias, live } = entriesAt(CONFIG, levels, [LENGTH, LENGTH], [start, 0]);
    const [seen, whole] = bias.arraySync();
    const masked = live[0]?.map(({ span }) => span.end <= start) ?? [];
    expect(masked).toContain(true);
    expect(masked).toContain(false);
    expect(seen).toEqual(whole?.map((value, index) => (masked[index] === true ? Math.fround(-1e9) : value)));
  });

  test('pass their gradient on to the vectors', () => {
    const gap = gradientGap(
      (x) => tf.sum(tf.square(entriesAt(CONFIG, buildLevels(weights, CONFIG, x as tf.Tensor3D), [LENGTH, 9]).entries)),
      [vectors],
      10,
    );
    expect(gap).toBeLessThan(1e-2);
  });

  test('need a possible count for every sequence', () => {
    expect(() => entriesAt(CONFIG, levels, [1])).toThrow('`counts.length`');
    expect(() => entriesAt(CONFIG, levels, [1, LENGTH + 1])).toThrow('`counts[1]`');
    expect(() => entriesAt(CONFIG, levels, [0, 1])).toThrow('`counts[0]`');
    expect(() => entriesAt(CONFIG, levels, [2, 2], [0])).toThrow('`starts.length`');
    expect(() => entriesAt(CONFIG, levels, [2, 2], [0, 2])).toThrow('`starts[1]`');
  });
});

test('leaks no tensor, with gradients neither', () => {
  const before = tf.memory().numTensors;
  const { outputs, levels } = readParallel(weights, CONFIG, vectors);
  const { entries, bias } = entriesAt(CONFIG, levels, [LENGTH, 5]);
  tf.dispose([outputs, ...levels.slice(1), entries, bias]);
  tf.dispose(tf.grad((x) => objective(readParallel(weights, CONFIG, x as tf.Tensor3D).outputs))(vectors));
  expect(tf.memory().numTensors).toBe(before);
});

test('names vectors of another depth', () => {
  expect(() => readParallel(weights, CONFIG, tf.zeros([1, 8, 5]))).toThrow(
    '`vectors` of shape [*, *, 4], got [1, 8, 5]',
  );
});
