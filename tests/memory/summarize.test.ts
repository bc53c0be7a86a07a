import { describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import type { MemoryConfig } from '../../src/memory/config.ts';
import { initMemory } from '../../src/memory/cells.ts';
import { type NodeKind, summarize } from '../../src/memory/summarize.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import { distance, randomVectors, restlessWeights, tensors } from './cpu-memory.ts';
import { gradientGap } from './finite-differences.ts';
import { matrixOf, mlpRow, rms, softmax, timesMatrix } from './loops.ts';

const CONFIG: MemoryConfig = { depth: 6, heads: 2, window: 4, leafFanIn: 5, fanIn: 2, slots: 3, tokenCountBias: false };
const TOKEN_COUNTS = [1, 1, 0, 1, 1, 1]; // the third child is absent

/** Summarise for one node, the equation as loops. */
function summarizeByLoops(
  arrays: HostArrays,
  kind: NodeKind,
  children: number[][],
  tokenCounts: readonly number[],
  { strongest = children.length, refined = 'all' }: Pick<MemoryConfig, 'strongest' | 'refined'>,
) {
  const { depth, heads, slots } = CONFIG;
  const isRefined = kind === 'leaf' || refined === 'all';
  const queries = matrixOf(arrays, 'memory.summarize.queries');
  const bias = arrays[`memory.summarize.bias.${kind}`]?.data ?? [];
  const normalized = children.map(rms);
  const keys = normalized.map((row) => timesMatrix(row, matrixOf(arrays, 'memory.summarize.key')));
  const moved = normalized.map((row) => timesMatrix(row, matrixOf(arrays, 'memory.summarize.value')));
  const size = depth / heads;
  const pooling: number[][] = [];
  const rows = Array.from({ length: slots }, (_slot, slot) => {
    const row = new Array<number>(depth).fill(0);
    const mean = new Array<number>(children.length).fill(0);
    for (let head = 0; head < heads; head++) {
      const logits = children.map((_, child) => {
        if (tokenCounts[child] === 0) return -1e9;
        let product = 0;
        for (let d = head * size; d < (head + 1) * size; d++)
          product += (queries[slot]?.[d] ?? 0) * (keys[child]?.[d] ?? 0);
        return product / Math.sqrt(size) + (bias[(head * slots + slot) * children.length + child] ?? 0);
      });
      const least = logits.toSorted((a, b) => b - a)[strongest - 1] ?? 0;
      for (const [child, share] of softmax(logits.map((logit) => (logit < least ? -1e9 : logit))).entries()) {
        mean[child] = (mean[child] ?? 0) + share / heads;
        for (let d = head * size; d < (head + 1) * size; d++) {
          row[d] = (row[d] ?? 0) + share * ((children[child]?.[d] ?? 0) + (isRefined ? (moved[child]?.[d] ?? 0) : 0));
        }
      }
    }
    pooling.push(mean);
    return isRefined ? mlpRow(arrays, 'memory.summarize.mlp', row) : row;
  });
  return { slots: rows, pooling };
}

describe.each([
  { kind: 'leaf' as const, fanIn: 5 },
  { kind: 'inner' as const, fanIn: 6 },
])('a summary of $kind children', ({ kind, fanIn }) => {
  const arrays = restlessWeights(CONFIG, 11);
  const weights = tensors(arrays);
  const vectors = randomVectors(12, 2, fanIn, CONFIG.depth);
  const children = tf.tensor3d(vectors.data, [2, fanIn, CONFIG.depth]);
  const tokenCounts = tf.tensor2d([...TOKEN_COUNTS.slice(0, fanIn), ...new Array<number>(fanIn).fill(4)], [2, fanIn]);

  test.each([{}, { strongest: 1 }, { strongest: 2 }, { strongest: 2, refined: 'leaves' as const }])(
    'equals the equation written as loops, an absent child included: %o',
    (rules) => {
      const outputs = summarize(weights, { ...CONFIG, ...rules }, { children, tokenCounts }, kind);
      const rows = children.arraySync();
      for (const [node, masses] of [TOKEN_COUNTS.slice(0, fanIn), new Array<number>(fanIn).fill(4)].entries()) {
        const expected = summarizeByLoops(arrays, kind, rows[node] ?? [], masses, rules);
        expect(distance(outputs.slots.arraySync()[node]?.flat() ?? [], expected.slots.flat())).toBeLessThan(1e-5);
        expect(distance(outputs.pooling.arraySync()[node]?.flat() ?? [], expected.pooling.flat())).toBeLessThan(1e-6);
      }
    },
  );

  test('gives what the read needs of its slots', () => {
    const { slots, keys, values } = summarize(weights, CONFIG, { children, tokenCounts }, kind);
    const normalized = slots.arraySync()[1]?.map(rms) ?? [];
    const project = (name: string) => normalized.flatMap((row) => timesMatrix(row, matrixOf(arrays, name)));
    expect(distance(keys.arraySync()[1]?.flat() ?? [], project('memory.read.key'))).toBeLessThan(1e-5);
    expect(distance(values.arraySync()[1]?.flat() ?? [], project('memory.read.value'))).toBeLessThan(1e-5);
  });

  test('has the gradients of its finite differences, in every weight and in the children', () => {
    const names = Object.keys(arrays).filter(
      (name) => name.startsWith('memory.summarize.') && !name.endsWith(kind === 'leaf' ? 'inner' : 'leaf'),
    );
    const probe = tf.randomNormal([2, CONFIG.slots, CONFIG.depth], 0, 1, 'float32', 13);
    const gap = gradientGap(
      (x, ...rest) => {
        const moved = {
          ...weights,
          ...Object.fromEntries(names.map((name, index) => [name, rest[index]!])),
        };
        return tf.sum(tf.mul(summarize(moved, CONFIG, { children: x as tf.Tensor3D, tokenCounts }, kind).slots, probe));
      },
      [children, ...names.map((name) => weights[name]!)],
    );
    expect(gap).toBeLessThan(5e-3);
  });

  test('leaks no tensor', () => {
    const before = tf.memory().numTensors;
    tf.dispose(summarize(weights, CONFIG, { children, tokenCounts }, kind));
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names the argument that does not fit', () => {
    const short = tf.zeros<tf.Rank.R3>([2, fanIn - 1, CONFIG.depth]);
    expect(() => summarize(weights, CONFIG, { children: short, tokenCounts }, kind)).toThrow(
      `Expected \`children\` of shape [*, ${fanIn}, 6], got [2, ${fanIn - 1}, 6]`,
    );
    expect(() => summarize(weights, CONFIG, { children, tokenCounts: tf.zeros([1, fanIn]) }, kind)).toThrow(
      /`tokenCounts`/,
    );
  });
});

test('an untrained leaf is an attention-weighted mean of its children', () => {
  const weights = tensors(initMemory(CONFIG, Random.seeded(1)));
  const children = tf.tensor3d(randomVectors(14, 1, 5, CONFIG.depth).data, [1, 5, CONFIG.depth]);
  const { slots } = summarize(weights, CONFIG, { children, tokenCounts: tf.ones([1, 5]) }, 'leaf');
  const alike = tf.tile(tf.slice(children, [0, 0, 0], [1, 1, -1]), [1, 5, 1]);
  const same = summarize(weights, CONFIG, { children: alike, tokenCounts: tf.ones([1, 5]) }, 'leaf').slots;
  const [least, most] = [tf.min(children, 1).dataSync(), tf.max(children, 1).dataSync()];
  for (const [index, value] of slots.dataSync().entries()) {
    expect(value).toBeGreaterThanOrEqual((least[index % CONFIG.depth] ?? NaN) - 1e-6);
    expect(value).toBeLessThanOrEqual((most[index % CONFIG.depth] ?? NaN) + 1e-6);
  }
  expect(tf.max(tf.abs(tf.sub(same, tf.slice(alike, [0, 0, 0], [1, CONFIG.slots, -1])))).dataSync()[0]).toBeLessThan(
    1e-6,
  );
});
