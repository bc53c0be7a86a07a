/** Leaves found by descent in streams: as in whole sequences at every vector, however a stream is cut, goes on, or is moved. */
import { mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import { createColdStores } from '../../src/cold/cold-stores.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { leafSizes } from '../../src/memory/kept-leaves.ts';
import { readNaively } from '../../src/memory/naive.ts';
import { emptyMemory, type MemoryState } from '../../src/memory/state.ts';
import { advanceMemories, growMemories, type MemoryAdvance } from '../../src/memory/streaming.ts';
import { restoreMemory, snapshotMemory } from './memory-bytes.ts';
import { chunkOf, cpuExecutor, distance, randomVectors, restlessWeights, tensors } from './cpu-memory.ts';

const SIZES = { depth: 8, heads: 2, window: 5, leafFanIn: 3, fanIn: 2, slots: 2, tokenCountBias: false };
const LENGTH = 70;
const NARROW: MemoryConfig = { ...SIZES, cold: { nearest: 2, retention: 1_000, descent: { beam: 1 } } };

const vectors = randomVectors(2, 1, LENGTH, SIZES.depth);
const sequence = tf.tensor3d(vectors.data, [1, LENGTH, SIZES.depth]);
const arrays = restlessWeights(NARROW, 1);
const weights = tensors(arrays);
const expected = tf.tidy(() => readNaively(weights, NARROW, sequence).dataSync());

const stores = createColdStores();
afterEach(() => stores.close());
let folder: string;
beforeAll(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'hearken-descent-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

function begin(config: MemoryConfig, from = stores): MemoryState {
  return emptyMemory(from.create(leafSizes(config, config.cold!)));
}

async function stream(
  config: MemoryConfig,
  ends: readonly number[],
  start = begin(config),
): Promise<{ readonly outputs: number[]; readonly state: MemoryState }> {
  const own = restlessWeights(config, 1);
  const executor = cpuExecutor(own, config);
  const outputs: number[] = [];
  let state = start;
  for (const end of ends) {
    const chunk = chunkOf(tensors(own), config, vectors, 0, state.count, end);
    const [advance] = (await advanceMemories(executor, config, [{ state, chunk }])) as [MemoryAdvance];
    outputs.push(...(advance.outputs['outputs']?.data ?? []));
    state = advance.state;
  }
  return { outputs, state };
}

describe.each([
  NARROW,
  { ...NARROW, cold: { nearest: 4, retention: 1_000, descent: { beam: 2 } } },
  { ...NARROW, cold: { nearest: 100, retention: 1_000, descent: { beam: 100 } } },
  { ...NARROW, cold: { nearest: 3, retention: 25, descent: { beam: 2 } } },
  { ...NARROW, slots: 1, fanIn: 3, merging: 'eager' as const, tokenCountBias: true },
])('$cold, $slots slots, eager $merging', (config) => {
  test.each([
    ['memory', () => stores],
    ['a folder', () => createColdStores({ folder })],
  ] as const)('a stream with leaves in %s reads as the definition says, however it is cut', async (_, placed) => {
    const parts = tensors(restlessWeights(config, 1));
    const own = tf.tidy(() => readNaively(parts, config, sequence).dataSync());
    const chunkings = fc.uniqueArray(fc.integer({ min: 1, max: LENGTH }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(chunkings, async (ends) => {
        const sorted = [...ends.toSorted((a, b) => a - b), LENGTH];
        const { outputs, state } = await stream(config, sorted, begin(config, placed()));
        expect(distance(outputs, own)).toBeLessThan(1e-5);
        state.cold?.store.close();
      }),
      { numRuns: 4 },
    );
    expect(await readdir(folder)).toEqual([]);
  });
});

test('a call may be made again, and a stream goes on from an older state', async () => {
  const { state: half } = await stream(NARROW, [15, 38]);
  const first = await stream(NARROW, [50, LENGTH], half);
  const again = await stream(NARROW, [LENGTH], half);
  expect(distance(first.outputs, expected.slice(8 * 38))).toBeLessThan(1e-5);
  expect(distance(again.outputs, expected.slice(8 * 38))).toBeLessThan(1e-5);
  await expect(stream(NARROW, [LENGTH], first.state)).rejects.toMatchObject({ code: 'memory/cold-store' });
});

test('vectors that are taken in and do not read are walked to all the same', async () => {
  const start = begin(NARROW);
  const chunk = chunkOf(weights, NARROW, vectors, 0, 0, 60);
  const [grown] = (await growMemories(cpuExecutor(arrays, NARROW), NARROW, [{ state: start, chunk }])) as [MemoryState];
  const { outputs } = await stream(NARROW, [LENGTH], grown);
  expect(distance(outputs, expected.slice(8 * 60))).toBeLessThan(1e-5);
});

describe('a snapshot', () => {
  test('stays small, and goes on in another program that has the files', async () => {
    const first = createColdStores({ folder });
    const { state } = await stream(NARROW, [48], begin(NARROW, first));
    const bytes = snapshotMemory(NARROW, state);
    await stream(NARROW, [60], state); // which another program does not know of
    first.close();
    const second = createColdStores({ folder });
    const restored = restoreMemory(NARROW, bytes, { stores: second });
    const { outputs, state: end } = await stream(NARROW, [LENGTH], restored);
    expect(distance(outputs, expected.slice(8 * 48))).toBeLessThan(1e-5);
    expect(bytes.length).toBeLessThan(snapshotMemory(SIZES, { ...state, cold: undefined }).length + 200);
    end.cold?.store.close();
    expect(await readdir(folder)).toEqual([]);
  });

  test('is refused where nodes of its tree are lacking', async () => {
    const first = createColdStores({ folder });
    const { state } = await stream(NARROW, [48], begin(NARROW, first));
    const bytes = snapshotMemory(NARROW, state);
    first.close();
    const { id } = state.cold!.store;
    await truncate(path.join(folder, id, 'nodes-1', '0.keys'), 128);
    const second = createColdStores({ folder });
    expect(() => restoreMemory(NARROW, bytes, { stores: second })).toThrow(
      expect.objectContaining({ code: 'snapshot/cold-store', message: expect.stringContaining('nodes of level 1') }),
    );
    second.close();
    await rm(path.join(folder, id), { recursive: true });
  });

  test('goes on without its leaves where it is told to, and walks to those that come later', async () => {
    const { state } = await stream(NARROW, [38]);
    const elsewhere = createColdStores();
    const wide: MemoryConfig = { ...NARROW, cold: { nearest: 100, retention: 1_000, descent: { beam: 100 } } };
    const searched: MemoryConfig = { ...SIZES, cold: { nearest: 100, retention: 1_000 } };
    const goOn = async (config: MemoryConfig): Promise<number[]> => {
      const restored = restoreMemory(config, snapshotMemory(config, state), {
        stores: elsewhere,
        withoutLeaves: true,
      });
      return (await stream(config, [44, LENGTH], restored)).outputs;
    };
    const outputs = await goOn(wide);
    expect(distance(outputs, await goOn(searched))).toBeLessThan(1e-5);
    expect(distance(outputs, expected.slice(8 * 38))).toBeGreaterThan(1e-2);
    elsewhere.close();
  });
});
