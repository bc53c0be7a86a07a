import { setImmediate } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { bounded, concatMapPulled, PullObservable, pull, type QueueGauge } from '../../streams/index.ts';

const CHUNK = 160;

/** `count` chunks through a queue and an operator; gives how many came. */
async function flow(count: number, signal?: AbortSignal): Promise<number> {
  let gauge: QueueGauge | undefined;
  const source = new PullObservable(function* () {
    for (let number = 0; number < count; number++) yield new Float32Array(CHUNK);
  });
  const onGauge = (opened: QueueGauge): void => {
    gauge = opened;
  };
  const queue = bounded<Float32Array>({ policy: 'block', capacity: 10 * CHUNK, onGauge });
  const stream = source.pipe(
    queue,
    concatMapPulled(async ({ length }) => length),
  );
  let came = 0;
  for await (const length of pull(stream, signal)) came += length / CHUNK;
  expect(gauge?.highMark).toBeLessThanOrEqual(10 * CHUNK);
  return came;
}

test('a long stream leaves nothing behind', async () => {
  await flow(20_000);
  const young = await usedHeap();
  expect(await flow(200_000)).toBe(200_000);
  expect((await usedHeap()) - young).toBeLessThan(2e6);
});

test('many streams under one signal leave nothing behind, ended or left early', async () => {
  const { signal } = new AbortController();
  const some = async (count: number): Promise<void> => {
    for (let stream = 0; stream < count; stream++) {
      await flow(3, signal);
      const endless = new PullObservable(function* () {
        while (true) yield new Float32Array(10_000);
      });
      for await (const chunk of pull(endless.pipe(bounded({ policy: 'block', capacity: 30_000 })), signal)) {
        if (chunk.length > 0) break;
      }
      await setImmediate(); // what was told to stop stops
    }
  };
  await some(300);
  const young = await usedHeap();
  await some(3_000);
  expect((await usedHeap()) - young).toBeLessThan(2e6); // a chunk that each left behind would be 120 MB
});

/** What is reachable. Buffers are freed in the background after a collection, so the least of several is taken. */
async function usedHeap(): Promise<number> {
  const seen: number[] = [];
  for (let round = 0; round < 10; round++) {
    globalThis.gc?.();
    await setImmediate();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    seen.push(heapUsed + arrayBuffers);
  }
  return Math.min(...seen);
}
