import { describe, expect, test } from 'vitest';

import { advanceMemories, type MemoryAdvance } from '../../src/memory/streaming.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { memoryArrays, memoryFromArrays } from '../../src/memory/snapshot.ts';
import { emptyMemory, type MemoryRows, type MemoryState } from '../../src/memory/state.ts';
import { encodeSnapshot } from '../../src/tensor/snapshot.ts';
import { chunkOf, cpuExecutor, randomVectors, restlessWeights, tensors } from './cpu-memory.ts';
import { restoreMemory, snapshotMemory } from './memory-bytes.ts';

const CONFIG: MemoryConfig = { depth: 4, heads: 2, window: 4, leafFanIn: 3, fanIn: 2, slots: 2, tokenCountBias: true };
const LENGTH = 60;
const arrays = restlessWeights(CONFIG, 1);
const weights = tensors(arrays);
const executor = cpuExecutor(arrays, CONFIG);
const vectors = randomVectors(2, 1, LENGTH, CONFIG.depth);

async function advance(state: MemoryState, end: number): Promise<MemoryAdvance> {
  const chunk = chunkOf(weights, CONFIG, vectors, 0, state.count, end);
  return (await advanceMemories(executor, CONFIG, [{ state, chunk }]))[0]!;
}

/** A state of `count` vectors with all rows there: what the sizes of snapshots depend on. */
function stateOf(count: number): MemoryState {
  return memoryFromArrays(CONFIG, memoryArrays(CONFIG, { ...emptyMemory(), count }));
}

test('a stream restored at any point has the same future', async () => {
  for (let cut = 0; cut <= LENGTH - 1; cut += cut < 20 ? 1 : 7) {
    const { state } = await advance(emptyMemory(), cut);
    const restored = restoreMemory(CONFIG, snapshotMemory(CONFIG, state));
    expect(restored).toEqual(state);
    expect(await advance(restored, LENGTH)).toEqual(await advance(state, LENGTH));
  }
});

test('a snapshot has the sums of an associative channel, of a size that never grows', async () => {
  const config = { ...CONFIG, associative: { keyDepth: 3 } };
  const parts = restlessWeights(config, 1);
  const running = cpuExecutor(parts, config);
  const go = async (state: MemoryState, end: number): Promise<MemoryAdvance> => {
    const chunk = chunkOf(tensors(parts), config, vectors, 0, state.count, end);
    return (await advanceMemories(running, config, [{ state, chunk }]))[0]!;
  };
  const { state } = await go(emptyMemory(), 11);
  const restored = memoryFromArrays(config, memoryArrays(config, state));
  expect(restored).toEqual(state);
  expect(restored.sums?.gram).toHaveLength(36);
  expect(restored.sums?.gram.some((value) => value !== 0)).toBe(true);
  expect(await go(restored, LENGTH)).toEqual(await go(state, LENGTH));
  expect((await go(restored, LENGTH)).state.sums?.sums).toHaveLength(6 * CONFIG.depth);
  const { 'memory.associative.gram': _, ...without } = memoryArrays(config, state);
  expect(() => memoryFromArrays(config, without)).toThrow(/`memory.associative.gram` of shape \[6, 6\], got none/);
});

test('a restored node is held alone, not within the snapshot', async () => {
  const { state } = await advance(emptyMemory(), LENGTH);
  const [node] = restoreMemory(CONFIG, snapshotMemory(CONFIG, state)).levels[0] as [MemoryRows];
  expect(node.keys.buffer.byteLength).toBe(CONFIG.slots * CONFIG.depth * 4);
});

test('the size is bounded: a thousand times the past adds the rows of ten levels at most', () => {
  const bytes = (count: number): number => snapshotMemory(CONFIG, stateOf(count)).length;
  const levelBytes = (2 * CONFIG.fanIn - 1) * CONFIG.slots * CONFIG.depth * 4 * 3 + 512; // rows, and header lines
  expect(bytes(1_000_000) - bytes(1000)).toBeLessThan(11 * levelBytes);
  expect(bytes(1_000_000)).toBeLessThan(20_000);
});

test('counts beyond 32 bits survive', () => {
  const state = stateOf(2 ** 45 + 12_345);
  expect(restoreMemory(CONFIG, snapshotMemory(CONFIG, state)).count).toBe(2 ** 45 + 12_345);
});

describe('a snapshot that does not fit is refused by the name of the tensor', () => {
  const state = stateOf(50);

  test('of other sizes', () => {
    const bytes = snapshotMemory(CONFIG, state);
    expect(() => restoreMemory({ ...CONFIG, depth: 8 }, bytes)).toThrow(/`memory.level.0.vectors` of shape \[5, 8\]/);
    expect(() => restoreMemory({ ...CONFIG, slots: 3 }, bytes)).toThrow(/`memory.level.1.vectors`/);
  });

  test('without a tensor', () => {
    const { 'memory.level.1.keys': _, ...rest } = memoryArrays(CONFIG, state);
    expect(() => memoryFromArrays(CONFIG, rest)).toThrow(/`memory.level.1.keys`.*got none/);
  });

  test('with a tensor of another type', () => {
    const wrong = { ...memoryArrays(CONFIG, state), 'memory.count': { shape: [2], data: new Float32Array(2) } };
    expect(() => memoryFromArrays(CONFIG, wrong)).toThrow(/`memory.count`.*got Float32Array/);
  });

  test('with a negative count', () => {
    const wrong = { ...memoryArrays(CONFIG, state), 'memory.count': { shape: [2], data: new Int32Array([0, -5]) } };
    expect(() => memoryFromArrays(CONFIG, wrong)).toThrow(/`memory.count`/);
  });

  test('of another version', () => {
    const bytes = encodeSnapshot({ format: 'hearken-memory', version: 2 }, memoryArrays(CONFIG, state));
    expect(() => restoreMemory(CONFIG, bytes)).toThrow(expect.objectContaining({ code: 'snapshot/version' }));
  });
});
