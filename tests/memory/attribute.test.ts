import { describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import { advanceMemories, type MemoryAdvance } from '../../src/memory/streaming.ts';
import { attribute } from '../../src/memory/attribute.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { slotsOf } from '../../src/memory/state.ts';
import { initMemory } from '../../src/memory/cells.ts';
import { PoolingLog } from '../../src/memory/pooling-log.ts';
import { projectEntries, read } from '../../src/memory/read.ts';
import { emptyMemory } from '../../src/memory/state.ts';
import type { HostArray } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import { chunkOf, cpuExecutor, distance, randomVectors, restlessWeights, tensors } from '../memory/cpu-memory.ts';

const CONFIG: MemoryConfig = { depth: 6, heads: 2, window: 3, leafFanIn: 3, fanIn: 2, slots: 2, tokenCountBias: true };
const LENGTH = 70;

async function listen(config: MemoryConfig, arrays: Record<string, HostArray>, vectors: HostArray, log: PoolingLog) {
  const executor = cpuExecutor(arrays, config);
  const weights = tensors(arrays);
  const advances: MemoryAdvance[] = [];
  let state = emptyMemory();
  for (const end of [1, 20, 21, LENGTH]) {
    const chunk = chunkOf(weights, config, vectors, 0, state.count, end);
    const [advance] = (await advanceMemories(executor, config, [{ state, chunk, log }])) as [MemoryAdvance];
    advances.push(advance);
    state = advance.state;
  }
  await executor[Symbol.asyncDispose]();
  return { state, alignments: advances.flatMap(({ alignments }) => alignments) };
}

/** The share of vector `vector` in slot `row` of `level`: the product of pooling weights, over every path down. */
function shareOf(config: MemoryConfig, log: PoolingLog, level: number, row: number, vector: number): number {
  if (level === 0) return row === vector ? 1 : 0;
  const { slots } = config;
  const node = Math.floor(row / slots);
  const pooling = log.pooling(level, node);
  const fanIn = pooling.length / slots;
  let share = 0;
  for (let child = 0; child < fanIn; child++) {
    const weight = pooling[(row % slots) * fanIn + child] ?? 0;
    share += weight * shareOf(config, log, level - 1, node * fanIn + child, vector);
  }
  return share;
}

describe('attribution', () => {
  const log = new PoolingLog();
  const arrays = restlessWeights(CONFIG, 41);
  const heard = listen(CONFIG, arrays, randomVectors(42, 1, LENGTH, CONFIG.depth), log);

  test('reaches every vector of the past and sums to 1, at every time', async () => {
    const { alignments } = await heard;
    expect(alignments.map(({ count }) => count)).toEqual(Array.from({ length: LENGTH }, (_, index) => index + 1));
    for (const { count, weights } of alignments) {
      const attention = attribute(CONFIG, log, count, weights);
      expect(attention.length).toBe(count);
      expect(attention.every((share) => share > 0)).toBe(true);
      expect(attention.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
    }
  });

  test('equals the brute-force product down the tree', async () => {
    const { alignments } = await heard;
    for (const { count, live, weights } of alignments.filter((_, index) => index % 13 === 0 || index === LENGTH - 1)) {
      const expected = Array.from({ length: count }, (_, vector) =>
        live.reduce(
          (sum, { level, row }, entry) => sum + (weights[entry] ?? 0) * shareOf(CONFIG, log, level, row, vector),
          0,
        ),
      );
      expect(distance(attribute(CONFIG, log, count, weights), expected)).toBeLessThan(1e-6);
    }
  });

  test('keeps a bounded number of floats a vector', () => {
    let floats = 0;
    for (const level of [1, 2, 3]) floats += log.pooling(level, 0).length / (3 * 2 ** (level - 1));
    expect(floats).toBeLessThan(CONFIG.slots + (2 * CONFIG.slots ** 2) / CONFIG.leafFanIn);
  });

  test('refuses a log that did not hear the whole stream', async () => {
    const { alignments } = await heard;
    const weights = alignments.at(-1)?.weights ?? new Float32Array(0);
    expect(() => attribute(CONFIG, new PoolingLog(), LENGTH, weights)).toThrow(/node 0 of level \d, got 0 nodes/);
  });

  test('refuses an alignment over another number of entries', () => {
    expect(() => attribute(CONFIG, log, LENGTH, new Float32Array(3))).toThrow('`alignment.length`');
  });
});

describe('mass conservation, with the log-mass bias', () => {
  test('identical keys: the read attends to every vector of the past alike, as full attention does', async () => {
    const arrays = restlessWeights(CONFIG, 43);
    for (const name of [
      'memory.read.key',
      'memory.summarize.key',
      'memory.summarize.bias.leaf',
      'memory.summarize.bias.inner',
    ]) {
      arrays[name]?.data.fill(0);
    }
    const log = new PoolingLog();
    const { alignments } = await listen(CONFIG, arrays, randomVectors(44, 1, LENGTH, CONFIG.depth), log);
    for (const { count, weights } of alignments) {
      const uniform = new Float32Array(count).fill(1 / count);
      expect(distance(attribute(CONFIG, log, count, weights), uniform)).toBeLessThan(1e-6);
    }
  });

  test('a summary of alike vectors weighs as they did: the read equals full attention', () => {
    const arrays = initMemory(CONFIG, Random.seeded(45));
    const weights = tensors(arrays);
    const [x, y, query] = tf.split(
      tf.tensor3d(randomVectors(46, 1, 3, CONFIG.depth).data, [1, 3, CONFIG.depth]),
      3,
      1,
    ) as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
    // Twelve vectors x became one node of level 3 (summaries of alike vectors are that vector), six y stand alone.
    const whole = tf.concat([tf.tile(x, [1, 12, 1]), tf.tile(y, [1, 6, 1])], 1);
    const full = read(weights, CONFIG, {
      queries: query,
      ...projectEntries(weights, CONFIG, whole),
      bias: tf.zeros([1, 1, 18]),
    });
    const slots = tf.concat([tf.tile(x, [1, slotsOf(CONFIG, 3), 1]), tf.tile(y, [1, 6, 1])], 1);
    const bias = tf.tensor3d([[[Math.log(6), Math.log(6), 0, 0, 0, 0, 0, 0]]]);
    const summarized = read(weights, CONFIG, { queries: query, ...projectEntries(weights, CONFIG, slots), bias });
    expect(distance(summarized.outputs.dataSync(), full.outputs.dataSync())).toBeLessThan(1e-6);
  });
});
