import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import { advanceMemories, type MemoryAdvance } from '../../src/memory/streaming.ts';
import { entriesAt } from '../../src/memory/parallel.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { readNaively } from '../../src/memory/naive.ts';
import { readParallel } from '../../src/memory/parallel.ts';
import { emptyMemory, heldEntries, type MemoryRows, type MemoryState } from '../../src/memory/state.ts';
import { chunkOf, cpuExecutor, distance, randomVectors, restlessWeights, tensors } from './cpu-memory.ts';

const CONFIG: MemoryConfig = { depth: 8, heads: 2, window: 5, leafFanIn: 3, fanIn: 2, slots: 2, tokenCountBias: false };
const LENGTH = 90;

const CONFIGS: MemoryConfig[] = [
  CONFIG,
  { ...CONFIG, tokenCountBias: true, fanIn: 3, slots: 1 },
  { ...CONFIG, summary: 'mean' },
  { ...CONFIG, window: 1, leafFanIn: 1, slots: 3 },
  { ...CONFIG, window: 8, leafFanIn: 4, fanIn: 2, heads: 4, slots: 4 },
  { ...CONFIG, window: 2, leafFanIn: 7, fanIn: 4 },
  { ...CONFIG, merging: 'eager' },
  { ...CONFIG, strongest: 2, refined: 'leaves' },
  { ...CONFIG, merging: 'eager', fanIn: 4, slots: 1, tokenCountBias: true },
  { ...CONFIG, associative: { keyDepth: 3 } },
];

function flat(outputs: readonly MemoryAdvance[]): number[] {
  return outputs.flatMap((advance) => [...(advance.outputs['outputs']?.data ?? [])]);
}

describe.each(CONFIGS)(
  'w $window, c $leafFanIn, k $fanIn, m $slots, $merging, $strongest, $refined, $associative',
  (config) => {
    // The channel solves equations: their condition multiplies what rounding does.
    const tolerance = config.associative === undefined ? 2e-6 : 1e-4;
    const arrays = restlessWeights(config, 1);
    const weights = tensors(arrays);
    const executor = cpuExecutor(arrays, config);
    const vectors = randomVectors(2, 1, LENGTH, config.depth);
    const sequence = tf.tensor3d(vectors.data, [1, LENGTH, config.depth]);
    const parallel = readParallel(weights, config, sequence);
    const expected = tf.tidy(() => readNaively(weights, config, sequence).dataSync());

    async function stream(ends: readonly number[]): Promise<MemoryAdvance[]> {
      const advances: MemoryAdvance[] = [];
      let state = emptyMemory();
      for (const end of ends) {
        const chunk = chunkOf(weights, config, vectors, 0, state.count, end);
        const [advance] = (await advanceMemories(executor, config, [{ state, chunk }])) as [MemoryAdvance];
        advances.push(advance);
        state = advance.state;
      }
      return advances;
    }

    test('streaming vector by vector gives the reads of the naive form at every time', async () => {
      const advances = await stream(Array.from({ length: LENGTH }, (_, index) => index + 1));
      expect(distance(flat(advances), expected)).toBeLessThan(tolerance);
    });

    test('any chunking gives the same', async () => {
      const chunkings = fc.uniqueArray(fc.integer({ min: 1, max: LENGTH }), { maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(chunkings, async (ends) => {
          const advances = await stream([...ends.toSorted((a, b) => a - b), LENGTH]);
          expect(distance(flat(advances), expected)).toBeLessThan(tolerance);
        }),
        { numRuns: 12 },
      );
    });

    test('the held entries are those of the training form at every prefix', async () => {
      const advances = await stream(Array.from({ length: LENGTH }, (_, index) => index + 1));
      let worst = 0;
      for (const { state } of advances) {
        const held = heldEntries(config, state);
        const { entries, bias, live } = entriesAt(config, parallel.levels, [state.count]);
        expect(held.live).toEqual(live[0]);
        worst = Math.max(worst, distance(held.entries, entries.dataSync()), distance(held.bias, bias.dataSync()));
      }
      expect(worst).toBeLessThan(2e-6);
    });
  },
);

describe('many streams', () => {
  const arrays = restlessWeights(CONFIG, 3);
  const weights = tensors(arrays);
  const vectors = randomVectors(4, 3, LENGTH, CONFIG.depth);
  const schedules = [
    [1, 2, 40, 40, 77],
    [30, 31, 32, 33, 90],
    [0, 0, 5, 64, 65],
  ];

  async function streamTogether(order: readonly number[]): Promise<MemoryAdvance[][]> {
    const executor = cpuExecutor(arrays, CONFIG);
    const states: MemoryState[] = order.map(() => emptyMemory());
    const advances: MemoryAdvance[][] = order.map(() => []);
    for (let turn = 0; turn < 5; turn++) {
      const requests = order.map((sequence, row) => {
        const state = states[row]!;
        const end = schedules[sequence]?.[turn] ?? 0;
        return { state, chunk: chunkOf(weights, CONFIG, vectors, sequence, state.count, end) };
      });
      for (const [row, advance] of (await advanceMemories(executor, CONFIG, requests)).entries()) {
        advances[row]?.push(advance);
        states[row] = advance.state;
      }
    }
    return advances;
  }

  test('together give what each gives alone', async () => {
    const together = await streamTogether([0, 1, 2]);
    for (const sequence of [0, 1, 2]) {
      const [alone] = (await streamTogether([sequence])) as [MemoryAdvance[]];
      const beside = together[sequence]!;
      expect(distance(flat(beside), flat(alone))).toBeLessThan(1e-6);
      expect(beside.at(-1)?.state.count).toBe(schedules[sequence]?.at(-1));
    }
  });

  test('share calls: one for all leaves, one for each level, one for all reads', async () => {
    const executor = cpuExecutor(arrays, CONFIG);
    const requests = [0, 1, 2].map((sequence) => ({
      state: emptyMemory(),
      chunk: chunkOf(weights, CONFIG, vectors, sequence, 0, 60),
    }));
    await advanceMemories(executor, CONFIG, requests);
    expect(executor.calls).toEqual(['summarizeLeaf', 'summarizeInner', 'summarizeInner', 'read']);
  });
});

describe('streams that keep much', () => {
  const config: MemoryConfig = { ...CONFIG, depth: 64, window: 1_100, beyond: 'forgotten' };
  const arrays = restlessWeights(config, 8);
  const weights = tensors(arrays);

  function longStream(seed: number): { state: MemoryState; chunk: MemoryRows } {
    const { data } = randomVectors(seed, 1, 1_100, config.depth);
    const vectors = Float32Array.from(data);
    const state = { count: 1_100, window: { vectors, keys: vectors, values: vectors }, levels: [] };
    return { state, chunk: chunkOf(weights, config, randomVectors(seed + 100, 1, 1, config.depth), 0, 0, 1) };
  }

  test('are read by several calls, and each gets what it gets alone', async () => {
    const executor = cpuExecutor(arrays, config);
    const requests = [1, 2, 3, 4, 5, 6, 7].map(longStream);
    const together = await advanceMemories(executor, config, requests);
    expect(executor.calls).toEqual(['read', 'read', 'read']); // 3, 3 and 1
    for (const [index, request] of requests.entries()) {
      const alone = await advanceMemories(executor, config, [request]);
      expect(distance(flat([together[index]!]), flat(alone))).toBeLessThan(1e-6);
    }
  });
});

describe('a state', () => {
  const arrays = restlessWeights(CONFIG, 5);
  const weights = tensors(arrays);
  const executor = cpuExecutor(arrays, CONFIG);
  const vectors = randomVectors(6, 1, LENGTH, CONFIG.depth);

  async function advance(state: MemoryState, end: number): Promise<MemoryAdvance> {
    const chunk = chunkOf(weights, CONFIG, vectors, 0, state.count, end);
    return (await advanceMemories(executor, CONFIG, [{ state, chunk }]))[0]!;
  }

  test('is not changed by advancing it, so a stream can branch', async () => {
    const { state } = await advance(emptyMemory(), 41);
    const copy = structuredClone(state);
    const once = await advance(state, 80);
    const again = await advance(state, 80);
    expect(state).toEqual(copy);
    expect(again).toEqual(once);
  });

  test('does not share memory with the chunk it was given', async () => {
    const chunk = chunkOf(weights, CONFIG, vectors, 0, 0, 41);
    const [first] = (await advanceMemories(executor, CONFIG, [{ state: emptyMemory(), chunk }])) as [MemoryAdvance];
    const copy = structuredClone(first.state);
    for (const rows of Object.values(chunk)) rows.fill(Number.NaN);
    expect(first.state).toEqual(copy);
  });

  test('keeps alive no more than twice the numbers of its window, however long the chunk was', async () => {
    for (const end of [1, 41, LENGTH]) {
      const { state } = await advance(emptyMemory(), end);
      for (const rows of Object.values(state.window)) {
        expect(rows.buffer.byteLength).toBeLessThanOrEqual(2 * rows.byteLength);
      }
    }
  });

  test('branches though vectors came one by one, so that its window has room behind it', async () => {
    let { state } = await advance(emptyMemory(), 30);
    for (let end = 31; end < 40; end++) ({ state } = await advance(state, end));
    const copy = structuredClone(state);
    const other = chunkOf(weights, CONFIG, randomVectors(7, 1, 1, CONFIG.depth), 0, 0, 1);
    const { state: once } = await advance(state, 40);
    const [branch] = (await advanceMemories(executor, CONFIG, [{ state, chunk: other }])) as [MemoryAdvance];
    const { state: again } = await advance(state, 40);
    expect(branch.state.window.vectors.slice(-CONFIG.depth)).toEqual(other.vectors);
    expect(again).toEqual(once);
    expect(state).toEqual(copy);
  });

  test('is left alone by an empty chunk, which reads nothing', async () => {
    const { state } = await advance(emptyMemory(), 41);
    const { state: after, outputs } = await advance(state, 41);
    expect(after).toEqual(state);
    expect(outputs).toEqual({});
  });

  test('refuses a chunk whose arrays do not fit each other', async () => {
    const chunk = { vectors: new Float32Array(16), keys: new Float32Array(16), values: new Float32Array(8) };
    await expect(advanceMemories(executor, CONFIG, [{ state: emptyMemory(), chunk }])).rejects.toMatchObject({
      code: 'memory/chunk',
      message: expect.stringContaining('`values`') as string,
    });
  });

  test('an abort reaches the calls in between', async () => {
    const chunk = chunkOf(weights, CONFIG, vectors, 0, 0, 41);
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(advanceMemories(executor, CONFIG, [{ state: emptyMemory(), chunk }], aborted)).rejects.toThrow(
      'enough',
    );
  });
});
