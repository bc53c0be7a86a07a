import { setImmediate } from 'node:timers/promises';

import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';

import { advanceMemories } from '../../src/memory/streaming.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { emptyMemory, type MemoryState } from '../../src/memory/state.ts';
import { chunkOf, cpuExecutor, randomVectors, restlessWeights, tensors } from '../memory/cpu-memory.ts';
import { restoreMemory, snapshotMemory } from '../memory/memory-bytes.ts';

const CONFIG: MemoryConfig = { depth: 4, heads: 1, window: 4, leafFanIn: 8, fanIn: 4, slots: 1, tokenCountBias: true };
const CHUNK = 250;
const STREAMS = 2;

async function usedBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.();
    await setImmediate();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test('tensors and bytes stay flat over 100,000 vectors, half of them in each of two streams, snapshots included', async () => {
  expect(globalThis.gc).toBeDefined();
  const arrays = restlessWeights(CONFIG, 1);
  const weights = tensors(arrays);
  const executor = cpuExecutor(arrays, CONFIG);
  const vectors = randomVectors(2, STREAMS, CHUNK, CONFIG.depth);
  const chunks = Array.from({ length: STREAMS }, (_, row) => chunkOf(weights, CONFIG, vectors, row, 0, CHUNK));

  let states: MemoryState[] = chunks.map(() => emptyMemory());
  const advanceTo = async (count: number): Promise<void> => {
    while ((states[0]?.count ?? count) < count) {
      const requests = states.map((state, row) => ({
        state,
        chunk: chunks[row] ?? { vectors: EMPTY, keys: EMPTY, values: EMPTY },
      }));
      const advances = await advanceMemories(executor, CONFIG, requests);
      states = advances.map(({ state }) => restoreMemory(CONFIG, snapshotMemory(CONFIG, state)));
      executor.calls.length = 0;
    }
  };

  await advanceTo(10_000 / STREAMS);
  const tensorsBefore = tf.memory().numTensors;
  const bytesBefore = await usedBytes();
  await advanceTo(100_000 / STREAMS);
  expect(tf.memory().numTensors).toBe(tensorsBefore);
  expect((await usedBytes()) - bytesBefore).toBeLessThan(1_000_000); // two more levels take about 10 KB
}, 180_000);

const EMPTY = new Float32Array(0);
