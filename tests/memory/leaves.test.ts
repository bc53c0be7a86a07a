import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import { createColdStores } from '../../src/cold/cold-stores.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { leafSizes } from '../../src/memory/kept-leaves.ts';
import { readNaively } from '../../src/memory/naive.ts';
import { readParallel } from '../../src/memory/parallel.ts';
import { remember } from '../../src/memory/parallel-kinds.ts';
import { emptyMemory, type MemoryState, type SeenMemoryConfig } from '../../src/memory/state.ts';
import { advanceMemories, type MemoryAdvance } from '../../src/memory/streaming.ts';
import { restoreMemory, snapshotMemory } from './memory-bytes.ts';
import { chunkOf, cpuExecutor, distance, randomVectors, restlessWeights, tensors } from './cpu-memory.ts';

const SIZES = { depth: 8, heads: 2, window: 5, leafFanIn: 3, fanIn: 2, slots: 2, tokenCountBias: false };
const LENGTH = 45;
const BY_FOUR: MemoryConfig = { ...SIZES, cold: { nearest: 4, retention: 1_000 } };
const ALL: MemoryConfig = { ...SIZES, cold: { nearest: 1_000, retention: 1_000 } };

const vectors = randomVectors(2, 1, LENGTH, SIZES.depth);
const sequence = tf.tensor3d(vectors.data, [1, LENGTH, SIZES.depth]);
const arrays = restlessWeights(BY_FOUR, 1);
const weights = tensors(arrays);

const stores = createColdStores();
afterEach(() => stores.close());

function begin(config: MemoryConfig, from = stores): MemoryState {
  return emptyMemory(from.create(leafSizes(config, config.cold!)));
}

async function stream(
  config: SeenMemoryConfig,
  ends: readonly number[],
  start = begin(config),
): Promise<MemoryAdvance[]> {
  const executor = cpuExecutor(arrays, config);
  const advances: MemoryAdvance[] = [];
  let state = start;
  for (const end of ends) {
    const chunk = chunkOf(weights, config, vectors, 0, state.count, end);
    const [advance] = (await advanceMemories(executor, config, [{ state, chunk }])) as [MemoryAdvance];
    advances.push(advance);
    state = advance.state;
  }
  return advances;
}

const flat = (advances: readonly MemoryAdvance[]): number[] =>
  advances.flatMap((advance) => [...(advance.outputs['outputs']?.data ?? [])]);

describe.each([
  BY_FOUR,
  ALL,
  { ...BY_FOUR, cold: { nearest: 1, retention: 9 } },
  { ...BY_FOUR, tokenCountBias: true, merging: 'eager' as const },
  { ...BY_FOUR, associative: { keyDepth: 3 } },
])('$cold, eager $merging, channel $associative', (config) => {
  const own = restlessWeights(config, 1);
  const parts = tensors(own);
  const tolerance = config.associative === undefined ? 1e-5 : 1e-4;
  const expected = tf.tidy(() => readNaively(parts, config, sequence).dataSync());

  test('whole sequences read as the definition says, and with their gradients', () => {
    const through = (form: (x: tf.Tensor3D) => tf.Tensor3D) =>
      tf.valueAndGrad((x) =>
        tf.sum(tf.mul(form(x as tf.Tensor3D), tf.randomNormal([1, LENGTH, 8], 0, 1, 'float32', 33))),
      )(sequence);
    const naive = through((x) => readNaively(parts, config, x));
    const parallel = through((x) => readParallel(parts, config, x).outputs);
    expect(distance(readParallel(parts, config, sequence).outputs.dataSync(), expected)).toBeLessThan(tolerance);
    const size = Math.max(1, ...naive.grad.dataSync().map(Math.abs));
    expect(distance(parallel.grad.dataSync(), naive.grad.dataSync()) / size).toBeLessThan(1e-4);
  });

  test('a stream reads the same, however it is cut', async () => {
    const chunkings = fc.uniqueArray(fc.integer({ min: 1, max: LENGTH }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(chunkings, async (ends) => {
        const executor = cpuExecutor(own, config);
        let state = begin(config);
        const outputs: number[] = [];
        for (const end of [...ends.toSorted((a, b) => a - b), LENGTH]) {
          const chunk = chunkOf(parts, config, vectors, 0, state.count, end);
          const [advance] = (await advanceMemories(executor, config, [{ state, chunk }])) as [MemoryAdvance];
          outputs.push(...(advance.outputs['outputs']?.data ?? []));
          state = advance.state;
        }
        expect(distance(outputs, expected)).toBeLessThan(tolerance);
      }),
      { numRuns: 8 },
    );
  });
});

test('with as many leaves as there are, and no summary, a read is attention over all vectors', async () => {
  const seen: SeenMemoryConfig = { ...ALL, hidesSummaries: true };
  const all = tf.tidy(() => {
    const given = { vectors: sequence, final: tf.zeros<tf.Rank.R2>([1, 8]), lengths: [LENGTH] };
    return remember(weights, { kind: 'full', heads: 2 }, given, 0).reads!.dataSync(); // it was asked for
  });
  expect(distance(flat(await stream(seen, [10, 30, LENGTH])), all)).toBeLessThan(1e-5);
  expect(distance(flat(await stream({ ...seen, ...BY_FOUR }, [LENGTH])), all)).toBeGreaterThan(1e-2);
});

test('what a read ends on at the end of sequences of unlike length is what it reads on the way', () => {
  const two = tf.concat([sequence, tf.reverse(sequence, 1)], 0);
  const lengths = [LENGTH, 31];
  const given = remember(
    weights,
    { ...BY_FOUR, kind: 'hierarchical', summary: 'attention' },
    { vectors: two, final: tf.zeros([2, 8]), lengths },
    0,
  );
  expect(given.leaves?.bias.arraySync().map((row) => row.filter((value) => value === 0).length)).toEqual([39, 24]);
});

test('a failed call may be made again, and a stream goes on from an older state, whose later ones are then refused', async () => {
  const advances = await stream(BY_FOUR, [15, 30, LENGTH]);
  const [first, second, third] = advances.map(({ state }) => state) as [MemoryState, MemoryState, MemoryState];
  const again = await stream(BY_FOUR, [30], first);
  expect(flat(again)).toEqual(flat(advances.slice(1, 2)));
  await expect(stream(BY_FOUR, [LENGTH], second)).rejects.toMatchObject({ code: 'memory/cold-store' });
  await expect(stream(BY_FOUR, [LENGTH], third)).rejects.toMatchObject({ code: 'memory/cold-store' });
});

test('two streams at once look each in its own store', async () => {
  const executor = cpuExecutor(arrays, BY_FOUR);
  const states = [begin(BY_FOUR), begin(BY_FOUR)];
  const other = randomVectors(7, 1, LENGTH, SIZES.depth);
  const advances = await advanceMemories(executor, BY_FOUR, [
    { state: states[0]!, chunk: chunkOf(weights, BY_FOUR, vectors, 0, 0, LENGTH) },
    { state: states[1]!, chunk: chunkOf(weights, BY_FOUR, other, 0, 0, 20) },
  ]);
  expect(distance(flat(advances.slice(0, 1)), flat(await stream(BY_FOUR, [LENGTH])))).toBeLessThan(1e-5);
});

test('a memory with a cold store needs a state that has one', async () => {
  await expect(stream(BY_FOUR, [9], emptyMemory())).rejects.toThrow('`emptyMemory(store)`');
});

describe('a snapshot', () => {
  test('names the store, and goes on as if the stream had never stopped', async () => {
    const [half] = (await stream(BY_FOUR, [25])) as [MemoryAdvance];
    const bytes = snapshotMemory(BY_FOUR, half.state);
    const rest = flat(await stream(BY_FOUR, [LENGTH], half.state));
    half.state.cold!.store.close({ kept: true });
    expect(bytes.length).toBeLessThan(snapshotMemory(SIZES, { ...half.state, cold: undefined }).length + 200);
    const restored = restoreMemory(BY_FOUR, bytes, { stores });
    expect(distance(flat(await stream(BY_FOUR, [LENGTH], restored)), rest)).toBe(0);
  });

  test('is refused where its leaves are not, with words that say so, or goes on without them where it is told to', async () => {
    const [half] = (await stream(BY_FOUR, [25])) as [MemoryAdvance];
    const bytes = snapshotMemory(BY_FOUR, half.state);
    const rest = flat(await stream(BY_FOUR, [LENGTH], half.state));
    const elsewhere = createColdStores();
    expect(() => restoreMemory(BY_FOUR, bytes, { stores: elsewhere })).toThrow(
      /^Expected cold store [-0-9a-f]{36} with the 18 leaves of the stream, got none in the memory of this model: go on where it lies, or without its leaves/,
    );
    expect(() => restoreMemory(BY_FOUR, bytes)).toThrow('Expected a place of cold stores');
    const without = restoreMemory(BY_FOUR, bytes, { stores: elsewhere, withoutLeaves: true });
    expect(without.cold?.store.first()).toBe(18);
    const others = flat(await stream(BY_FOUR, [LENGTH], without));
    expect(distance(others, rest)).toBeGreaterThan(1e-2);
    elsewhere.close();
  });
});
