import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createBatcher } from '../../src/recognizer/batcher.ts';

type Stream = { readonly name: string; pieces: number };

/** Runs batches until every stream has nothing left; gives the names in each batch. */
async function batchesOf(streams: readonly Stream[], maximumBatch: number): Promise<string[][]> {
  const batches: string[][] = [];
  let left = streams.reduce((sum, { pieces }) => sum + pieces, 0);
  await new Promise<void>((resolve) => {
    const batcher = createBatcher<Stream>({
      maximumBatch,
      maximumWaitMs: 0,
      openCount: () => streams.length,
      isReady: ({ pieces }) => pieces > 0,
      run: async (batch) => {
        await Promise.resolve();
        batches.push(batch.map(({ name }) => name));
        for (const stream of batch) stream.pieces--;
        left -= batch.length;
        if (left === 0) resolve();
      },
    });
    for (const stream of streams) batcher.ready(stream);
  });
  return batches;
}

test('a fast uploader has one piece in each batch, and live streams are not kept waiting by it', async () => {
  const batches = await batchesOf(
    [
      { name: 'upload', pieces: 6 },
      { name: 'live-1', pieces: 2 },
      { name: 'live-2', pieces: 2 },
    ],
    2,
  );
  expect(batches).toEqual([
    ['upload', 'live-1'],
    ['live-2', 'upload'],
    ['live-1', 'live-2'],
    ['upload'],
    ['upload'],
    ['upload'],
    ['upload'],
  ]);
});

test('no batch is larger than allowed or holds a stream twice, every piece is served, and nobody waits two rounds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      async (counts, maximumBatch) => {
        const streams = counts.map((pieces, index) => ({ name: String(index), pieces }));
        const batches = await batchesOf(streams, maximumBatch);
        const served = counts.map((_, index) => batches.flat().filter((name) => name === String(index)).length);
        expect(served).toEqual(counts);
        for (const batch of batches) {
          expect(batch.length).toBeLessThanOrEqual(maximumBatch);
          expect(new Set(batch).size).toBe(batch.length);
        }
        const longestWait = Math.ceil(counts.length / maximumBatch) + 1;
        for (const [index, count] of counts.entries()) {
          const turns = batches.flatMap((batch, at) => (batch.includes(String(index)) ? [at] : []));
          const waits = turns.map((turn, at) => turn - (turns[at - 1] ?? -1));
          expect(turns).toHaveLength(count);
          expect(Math.max(...waits)).toBeLessThanOrEqual(longestWait);
        }
      },
    ),
  );
});

test('an incomplete batch starts after its wait although others may still come', async () => {
  const served = await new Promise<readonly string[]>((resolve) => {
    const batcher = createBatcher<string>({
      maximumBatch: 8,
      maximumWaitMs: 1,
      openCount: () => 3,
      isReady: () => false,
      run: async (batch) => resolve(batch),
    });
    batcher.ready('a');
    batcher.ready('b');
  });
  expect(served).toEqual(['a', 'b']);
});

test.each([
  { maximumBatch: 0, maximumWaitMs: 1 },
  { maximumBatch: 1, maximumWaitMs: -1 },
])('bounds out of range are refused: %o', (bounds) => {
  const create = (): unknown =>
    createBatcher({ ...bounds, openCount: () => 1, isReady: () => false, run: async () => {} });
  expect(create).toThrow(expect.objectContaining({ code: 'option/out-of-range' }));
});
