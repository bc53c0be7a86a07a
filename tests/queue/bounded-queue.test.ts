import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createBoundedQueue } from '../../streams/index.ts';
import { collect } from '../streams/collect.ts';

const block = { policy: 'block' } as const;

/** Whether a promise has settled by the time that every promise which can settle has. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe('a queue', () => {
  test('gives items in the order they were written, then the end', async () => {
    const queue = createBoundedQueue<string>({ ...block, capacity: 3 });
    for (const item of ['a', 'b', 'c']) await queue.write(item);
    queue.end();
    expect(await collect(queue)).toEqual(['a', 'b', 'c']);
  });

  test('counts samples, bytes or things, and says how full it is and ever was', async () => {
    const queue = createBoundedQueue<Float32Array | Uint8Array | string>({ ...block, capacity: 100 });
    await queue.write(new Float32Array(30));
    await queue.write(new Uint8Array(20));
    await queue.write('one thing');
    expect(queue.gauge).toEqual({ capacity: 100, fill: 51, highMark: 51, dropped: 0 });
    await queue[Symbol.asyncIterator]().next();
    expect(queue.gauge).toMatchObject({ fill: 21, highMark: 51 });
  });

  test('hands an item to a reader that waits, without keeping it', async () => {
    const queue = createBoundedQueue<string>({ ...block, capacity: 1 });
    const next = queue[Symbol.asyncIterator]().next();
    await queue.write('a');
    expect(await next).toEqual({ done: false, value: 'a' });
    expect(queue.gauge.highMark).toBe(0);
  });

  test('gives what waits before the error that ended it', async () => {
    const queue = createBoundedQueue<string>({ ...block, capacity: 1 });
    const reader = queue[Symbol.asyncIterator]();
    await queue.write('a');
    const held = queue.write('b');
    queue.fail(new Error('broken'));
    expect(await reader.next()).toEqual({ done: false, value: 'a' });
    expect(await reader.next()).toEqual({ done: false, value: 'b' });
    await held;
    await expect(reader.next()).rejects.toThrow('broken');
  });

  test('tells its writers when its reader has left, or it has ended', async () => {
    const queue = createBoundedQueue<string>({ ...block, capacity: 1 });
    await queue.write('a');
    const held = queue.write('b');
    await queue[Symbol.asyncIterator]().return?.();
    await expect(held).rejects.toMatchObject({ code: 'queue/closed' });
    await expect(queue.write('c')).rejects.toMatchObject({ code: 'queue/closed' });
    expect(queue.gauge.fill).toBe(0);
  });

  test('refuses an item that can never fit, and options that make no sense', async () => {
    const queue = createBoundedQueue<Float32Array>({ ...block, capacity: 10 });
    await expect(queue.write(new Float32Array(11))).rejects.toMatchObject({
      code: 'queue/item-too-large',
      message: 'Expected items of at most 10, got one of 11',
    });
    await queue.write(new Float32Array(10));
    const held = queue.write(new Float32Array(5));
    await expect(queue.write(new Float32Array(11))).rejects.toMatchObject({ code: 'queue/item-too-large' });
    expect((await collect(take(queue, 2))).map(({ length }) => length)).toEqual([10, 5]);
    await held;
    const unsized = createBoundedQueue<string>({ ...block, capacity: 10, sizeOf: ({ length }) => length });
    await expect(unsized.write('')).rejects.toMatchObject({ code: 'queue/item-size' });
    expect(() => createBoundedQueue({ ...block, capacity: 0 })).toThrow('Expected `capacity`');
    const policy = 'drop' as 'block'; // what a program without types may write
    expect(() => createBoundedQueue({ policy, capacity: 1 })).toThrow(
      expect.objectContaining({ code: 'queue/policy' }),
    );
  });
});

describe('a full queue', () => {
  test('holds its writer back until there is room: block', async () => {
    const queue = createBoundedQueue<string>({ ...block, capacity: 1 });
    await queue.write('a');
    const held = queue.write('b');
    expect(queue.offer('c')).toBe(false);
    expect(await isSettled(held)).toBe(false);
    await queue[Symbol.asyncIterator]().next();
    expect(await isSettled(held)).toBe(true);
  });

  test('lets nobody overtake a writer that waits, however small his item', async () => {
    const queue = createBoundedQueue<Float32Array>({ ...block, capacity: 10 });
    await queue.write(new Float32Array(6));
    const held = queue.write(new Float32Array(9));
    expect(queue.offer(new Float32Array(1))).toBe(false);
    const reader = queue[Symbol.asyncIterator]();
    expect((await reader.next()).value?.length).toBe(6);
    await held;
    expect((await reader.next()).value?.length).toBe(9);
  });

  test('fails its writer: refuse', async () => {
    const queue = createBoundedQueue<string>({ policy: 'refuse', capacity: 1 });
    await queue.write('a');
    await expect(queue.write('b')).rejects.toMatchObject({ code: 'queue/full' });
    expect(() => queue.offer('b')).toThrow('got one that holds 1 of 1');
  });

  test('lets go of what later items replace, and of nothing else: coalesce-latest', async () => {
    const isReplaceable = (item: string): boolean => item.startsWith('partial');
    const queue = createBoundedQueue<string>({ policy: 'coalesce-latest', isReplaceable, capacity: 3 });
    for (const item of ['partial 1', 'final 1', 'partial 2', 'partial 3']) await queue.write(item);
    expect(queue.gauge).toEqual({ capacity: 3, fill: 2, highMark: 3, dropped: 2 });
    await queue.write('final 2');
    await queue.write('final 3');
    const held = queue.write('final 4');
    queue.end();
    expect(await isSettled(held)).toBe(false);
    expect(await collect(queue)).toEqual(['final 1', 'final 2', 'final 3', 'final 4']);
    expect(queue.gauge.dropped).toBe(3);
  });
});

describe('a queue whose newest supersede what waits', () => {
  const isSuperseded = (item: string, next: string): boolean => item.startsWith('partial') && next !== 'memory';
  const supersede = { policy: 'supersede', isSuperseded } as const;

  test('lets go of it as soon as they come, room or not', async () => {
    const queue = createBoundedQueue<string>({ ...supersede, capacity: 10 });
    for (const item of ['partial 1', 'memory', 'partial 2', 'final 1', 'final 2', 'partial 3']) queue.put(item);
    queue.end();
    expect(queue.gauge).toEqual({ capacity: 10, fill: 4, highMark: 4, dropped: 2 });
    expect(await collect(queue)).toEqual(['memory', 'final 1', 'final 2', 'partial 3']);
  });

  test('gives the place that became free to the writer that has waited for one, then to the newest', async () => {
    const queue = createBoundedQueue<string>({ ...supersede, capacity: 2 });
    expect(['partial', 'memory'].map(queue.offer)).toEqual([true, true]);
    const held = queue.write('memory');
    expect(queue.offer('final')).toBe(false);
    await held;
    expect(queue.take()).toBe('memory');
    expect(queue.offer('final')).toBe(true);
  });
});

test('who cannot wait takes what waits, and lets writers in', async () => {
  const queue = createBoundedQueue<string>({ ...block, capacity: 1 });
  expect(queue.take()).toBeUndefined();
  await queue.write('a');
  const held = queue.write('b');
  expect(queue.take()).toBe('a');
  await held;
  queue.end();
  expect(queue.take()).toBe('b');
  expect(queue.take()).toBeUndefined();
});

test('a queue that is closed with an error gives it at once, and nothing of what waited', async () => {
  const queue = createBoundedQueue<string>({ ...block, capacity: 2 });
  await queue.write('a');
  queue.close(new Error('behind'));
  await expect(queue[Symbol.asyncIterator]().next()).rejects.toThrow('behind');
  queue.put('b');
  expect(queue.take()).toBeUndefined();
});

test('what is put goes in beyond the capacity, behind whoever waits; room is told when there is some again', async () => {
  const queue = createBoundedQueue<string>({ ...block, capacity: 1 });
  expect(await isSettled(queue.room())).toBe(true);
  await queue.write('a');
  const held = queue.write('b');
  queue.put('c');
  const room = queue.room();
  expect(queue.take()).toBe('a');
  await held;
  expect(queue.take()).toBe('b');
  expect(await isSettled(room)).toBe(false);
  expect(queue.take()).toBe('c');
  await room;
  queue.put('d');
  queue.put('e');
  expect(queue.gauge).toMatchObject({ fill: 2, highMark: 2 });
  const never = queue.room();
  queue.close();
  await never; // a queue that is over keeps nobody waiting
});

test('options of a valve are looked at: both functions, and marks in their order', () => {
  const valve = { pause: () => {}, resume: () => {}, pauseAt: 4, resumeAt: 5 };
  expect(() => createBoundedQueue({ ...block, capacity: 8, valve })).toThrow('Expected `resumeAt` in 0..4, got 5');
  expect(() => createBoundedQueue({ ...block, capacity: 8, valve: { ...valve, pause: 1 as never } })).toThrow(
    '`pause`',
  );
  expect(() => createBoundedQueue({ policy: 'supersede', capacity: 8 } as never)).toThrow('`isSuperseded`');
});

test('whatever a source pushes while it is not paused: all comes, in order, and it is paused exactly between its marks', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }),
    fc.infiniteStream(fc.integer({ min: 0, max: 4 })),
    fc.infiniteStream(fc.boolean()),
    async (sizes, readerTurns, takesAtOnce) => {
      const held = sizes.map((size, index) => ({ index, size }));
      let isPaused = false;
      const read: number[] = [];
      /** Pushes from within `resume`, too, as sockets do. */
      const push = (): void => {
        if (isPaused) return;
        const item = held.shift();
        if (item === undefined) return queue.end();
        queue.put(item);
        push();
      };
      const queue = createBoundedQueue<{ index: number; size: number }>({
        ...block,
        capacity: 20,
        sizeOf: ({ size }) => size,
        valve: {
          pauseAt: 20,
          resumeAt: 10,
          pause: () => {
            expect([isPaused, queue.gauge.fill >= 20]).toEqual([false, true]);
            isPaused = true;
          },
          resume: () => {
            expect([isPaused, queue.gauge.fill <= 10]).toEqual([true, true]);
            isPaused = false;
            push();
          },
        },
      });
      push();
      const reader = queue[Symbol.asyncIterator]();
      for (;;) {
        const taken = takesAtOnce.next().value ? queue.take() : undefined;
        const next = taken === undefined ? await reader.next() : { value: taken, done: false };
        if (next.done === true || next.value === undefined) break;
        read.push(next.value.index);
        await turns(readerTurns.next().value);
      }
      expect(read).toEqual([...sizes.keys()]);
      expect(queue.gauge.highMark).toBeLessThan(20 + 9);
      expect([isPaused, queue.gauge.fill]).toEqual([false, 0]);
    },
  );
  await fc.assert(property, { numRuns: 100 });
});

test('empty chunks cannot pile up either', () => {
  const queue = createBoundedQueue<Uint8Array>({ ...block, capacity: 3 });
  const taken = Array.from({ length: 5 }, () => queue.offer(new Uint8Array(0)));
  expect(taken).toEqual([true, true, true, false, false]);
});

test('whatever the sizes and the turns of writer and reader: all come, in order, and the bound holds', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 60 }),
    fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
    fc.infiniteStream(fc.integer({ min: 0, max: 3 })),
    async (sizes, writerTurns, readerTurns) => {
      const queue = createBoundedQueue<{ index: number; size: number }>({
        ...block,
        capacity: 20,
        sizeOf: ({ size }) => size,
      });
      const write = async (): Promise<void> => {
        for (const [index, size] of sizes.entries()) {
          await turns(writerTurns.next().value);
          await queue.write({ index, size });
        }
        queue.end();
      };
      const read: number[] = [];
      const written = write();
      for await (const { index } of queue) {
        read.push(index);
        await turns(readerTurns.next().value);
      }
      await written;
      expect(read).toEqual([...sizes.keys()]);
      expect(queue.gauge.highMark).toBeLessThanOrEqual(20);
      expect(queue.gauge.fill).toBe(0);
    },
  );
  await fc.assert(property, { numRuns: 50 });
});

async function* take<T>(items: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let taken = 0;
  for await (const item of items) {
    yield item;
    taken++;
    if (taken === count) return;
  }
}

/** Lets others go first. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}
