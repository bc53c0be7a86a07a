import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as tf from '@tensorflow/tfjs';

import type { MemoryConfig } from '../../src/memory/config.ts';
import { projectEntries, read } from '../../src/memory/read.ts';
import { emptyMemory, heldEntries, MASKED, type MemoryState, type SeenMemoryConfig } from '../../src/memory/state.ts';
import { liveNodes } from '../../src/memory/schedule.ts';
import { advanceMemories, type MemoryAdvance } from '../../src/memory/streaming.ts';
import { chunkOf, cpuExecutor, distance, randomVectors, restlessWeights, tensors } from './cpu-memory.ts';

const CONFIG: MemoryConfig = { depth: 8, heads: 2, window: 5, leafFanIn: 3, fanIn: 2, slots: 2, tokenCountBias: true };
const LENGTH = 90;

function fixture(config: MemoryConfig) {
  const arrays = restlessWeights(config, 31);
  const weights = tensors(arrays);
  const executor = cpuExecutor(arrays, config);
  const vectors = randomVectors(32, 1, LENGTH, config.depth);
  const stream = async (seen: SeenMemoryConfig, ends: readonly number[]): Promise<MemoryAdvance[]> => {
    const advances: MemoryAdvance[] = [];
    let state: MemoryState = emptyMemory();
    for (const end of ends) {
      const chunk = chunkOf(weights, config, vectors, 0, state.count, end);
      const [advance] = (await advanceMemories(executor, seen, [{ state, chunk }])) as [MemoryAdvance];
      advances.push(advance);
      state = advance.state;
    }
    return advances;
  };
  return { weights, vectors, stream };
}

function readsOf(advances: readonly MemoryAdvance[]): number[] {
  return advances.flatMap(({ outputs }) => [...(outputs['outputs']?.data ?? [])]);
}

const chunkings = fc
  .uniqueArray(fc.integer({ min: 1, max: LENGTH - 1 }), { maxLength: 12 })
  .map((ends) => [...ends.toSorted((a, b) => a - b), LENGTH]);

describe('with its summaries hidden', () => {
  test('a memory reads as if there were nothing but its window, however the stream was cut', async () => {
    const { weights, vectors, stream } = fixture(CONFIG);
    const expected = tf.tidy(() => {
      const all = tf.tensor3d(vectors.data, [1, LENGTH, CONFIG.depth]);
      return Array.from({ length: LENGTH }, (_, at) => {
        const [{ start, end }] = liveNodes(CONFIG, at + 1) as [{ start: number; end: number }];
        const window = tf.slice(all, [0, start, 0], [1, end - start, -1]);
        const queries = tf.slice(all, [0, at, 0], [1, 1, -1]);
        const inputs = { queries, ...projectEntries(weights, CONFIG, window), bias: tf.zeros([1, 1, end - start]) };
        return [...read(weights, CONFIG, inputs as Parameters<typeof read>[2]).outputs.dataSync()]; // of rank 3
      }).flat();
    });
    expect(distance(readsOf(await stream(CONFIG, [LENGTH])), expected)).toBeGreaterThan(0.01); // what the tree gives
    const property = fc.asyncProperty(chunkings, async (ends) => {
      expect(distance(readsOf(await stream({ ...CONFIG, hidesSummaries: true }, ends)), expected)).toBeLessThan(2e-6);
    });
    await fc.assert(property, { numRuns: 8 });
  });

  test('a memory whose window is of exactly w vectors reads as one that forgets what is older', async () => {
    const exact: MemoryConfig = { ...CONFIG, leafFanIn: 1 };
    const { stream } = fixture(exact);
    const hidden = readsOf(await stream({ ...exact, hidesSummaries: true }, [40, LENGTH]));
    expect(distance(hidden, readsOf(await stream({ ...exact, beyond: 'forgotten' }, [40, LENGTH])))).toBeLessThan(2e-6);
  });

  test('a memory keeps the state that it keeps otherwise', async () => {
    const { stream } = fixture(CONFIG);
    const hidden = await stream({ ...CONFIG, hidesSummaries: true }, [40, LENGTH]);
    expect(hidden.map(({ state }) => state)).toEqual((await stream(CONFIG, [40, LENGTH])).map(({ state }) => state));
  });

  test('the held entries are masked but for the window', async () => {
    const { stream } = fixture(CONFIG);
    const [{ state }] = (await stream(CONFIG, [LENGTH])) as [MemoryAdvance];
    const { bias, live } = heldEntries({ ...CONFIG, hidesSummaries: true }, state);
    expect(new Set(live.map(({ level }) => level)).size).toBeGreaterThan(3);
    expect([...bias]).toEqual(live.map(({ level }) => (level > 0 ? MASKED : 0)));
  });
});
