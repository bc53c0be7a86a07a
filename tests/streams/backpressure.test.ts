/**
 * A sender ten times as fast as real time, and a consumer that stops: what waits stays within its bound, nothing is lost,
 * the order is kept. In virtual time, by a model as slow as real time.
 */
import { map } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { RecognitionEvent } from '../../src/index.ts';
import {
  bounded,
  createBoundedQueue,
  concatMapPulled,
  PullObservable,
  pull,
  type QueueGauge,
  recognize,
} from '../../streams/index.ts';
import { fakeRecognizer } from './fake-recognizer.ts';
import { sleep } from './marbles.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const CHUNK = { samples: 1_600, ms: 100 }; // at 16 kHz
const COUNT = 200;
const chunkOf = (number: number): Float32Array => new Float32Array(CHUNK.samples).fill(number);
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, at) => `${from + at}`);

/** Chunks that their first sample numbers, ten times as fast as they would be spoken; waits where it is held back. */
function fastSender(): PullObservable<Float32Array> & { readonly sent: () => number } {
  let sent = 0;
  const source = new PullObservable(async function* (signal) {
    for (let number = 0; number < COUNT; number++) {
      await sleep(CHUNK.ms / 10, signal);
      sent++;
      yield chunkOf(number);
    }
  });
  return Object.assign(source, { sent: () => sent });
}

/** Reads partials until told to stop; goes on when told to. */
function stoppingReader(): { readonly heard: string[]; stop: () => void; goOn: () => void; here: () => Promise<void> } {
  const heard: string[] = [];
  let open = (): void => {};
  let gate = Promise.resolve();
  return {
    heard,
    here: () => gate,
    stop: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    goOn: () => open(),
  };
}

test('a source that can be held back sends no faster than the model hears, and stops where the reader stops', async () => {
  const source = fastSender();
  const reader = stoppingReader();
  const read = async (): Promise<void> => {
    for await (const event of pull(source.pipe(recognize(fakeRecognizer(CHUNK.ms))))) {
      if (event.type === 'partial') reader.heard.push(event.text);
      await reader.here();
    }
  };
  const reading = read();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(source.sent() - reader.heard.length).toBeLessThanOrEqual(1);
  reader.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  const stopped = source.sent();
  expect(stopped).toBeLessThan(20);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(source.sent()).toBe(stopped);
  reader.goOn();
  await vi.advanceTimersByTimeAsync(60_000);
  await reading;
  expect(reader.heard).toEqual(numbers(0, COUNT));
});

test('a recognizer that may be given four chunks without an answer is given no fifth while the reader stops', async () => {
  const source = fastSender();
  const reader = stoppingReader();
  const read = async (): Promise<void> => {
    for await (const event of pull(source.pipe(recognize(fakeRecognizer(CHUNK.ms, { ahead: 4 }))))) {
      if (event.type === 'partial') reader.heard.push(event.text);
      await reader.here();
    }
  };
  const reading = read();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(source.sent() - reader.heard.length).toBeLessThanOrEqual(5);
  reader.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  const stopped = source.sent();
  expect(stopped - reader.heard.length).toBeLessThanOrEqual(5);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(source.sent()).toBe(stopped);
  reader.goOn();
  await vi.advanceTimersByTimeAsync(60_000);
  await reading;
  expect(reader.heard).toEqual(numbers(0, COUNT));
});

test('behind a read-ahead the queue fills to its bound and the sender waits; nothing is lost when the reader goes on', async () => {
  const source = fastSender();
  const reader = stoppingReader();
  const capacity = 10 * CHUNK.samples;
  let gauge: QueueGauge | undefined;
  const queue = bounded<Float32Array>({
    policy: 'block',
    capacity,
    onGauge: (opened) => {
      gauge = opened;
    },
  });
  const toSlowSocket = concatMapPulled(async (text: string) => {
    await reader.here();
    reader.heard.push(text);
  });
  const texts = concatMapPulled((event: RecognitionEvent) => ('text' in event ? event.text : ''));
  let isComplete = false;
  source.pipe(queue, recognize(fakeRecognizer(CHUNK.ms)), texts, toSlowSocket).subscribe({
    complete: () => {
      isComplete = true;
    },
  });
  await vi.advanceTimersByTimeAsync(5_000);
  reader.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(gauge).toMatchObject({ fill: capacity, highMark: capacity, dropped: 0 });
  expect(source.sent()).toBeLessThan(COUNT);
  reader.goOn();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(isComplete).toBe(true);
  expect(reader.heard).toEqual([...numbers(0, COUNT), `${COUNT - 1}`]); // the final repeats the last partial
  expect(gauge).toMatchObject({ fill: 0, highMark: capacity });
});

test('a sender that cannot be held back overruns its bound with an error after all that had room', async () => {
  const source = fastSender().pipe(map((chunk) => chunk)); // a plain Observable
  const capacity = 10 * CHUNK.samples;
  let gauge: QueueGauge | undefined;
  const onGauge = (opened: QueueGauge): void => {
    gauge = opened;
  };
  const heard: string[] = [];
  let error: unknown;
  source.pipe(bounded({ policy: 'refuse', capacity, onGauge }), recognize(fakeRecognizer(CHUNK.ms))).subscribe({
    next: (event) => {
      if (event.type === 'partial') heard.push(event.text);
    },
    error: (reason: unknown) => {
      error = reason;
    },
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(error).toMatchObject({ code: 'queue/full' });
  expect(gauge?.highMark).toBe(capacity);
  expect(heard).toEqual(numbers(0, heard.length));
  expect(heard.length).toBeGreaterThan(10);
});

test('a hundred senders and readers of their own keep their own bounds and order', async () => {
  const streams = Array.from({ length: 100 }, (_, stream) => {
    const queue = createBoundedQueue<Float32Array>({ policy: 'block', capacity: 3 * CHUNK.samples });
    const send = async (): Promise<void> => {
      for (let number = 0; number < 50; number++) {
        await sleep(CHUNK.ms / 10);
        await queue.write(chunkOf(number));
      }
      queue.end();
    };
    const heard: number[] = [];
    const read = async (): Promise<void> => {
      for await (const [number = -1] of queue) {
        heard.push(number);
        await sleep(number === 10 ? 10_000 : stream);
      }
    };
    return { queue, heard, done: Promise.all([send(), read()]) };
  });
  await vi.advanceTimersByTimeAsync(60_000);
  for (const { queue, heard, done } of streams) {
    await done;
    expect(heard).toEqual(Array.from({ length: 50 }, (_, number) => number));
    expect(queue.gauge.highMark).toBeLessThanOrEqual(3 * CHUNK.samples);
  }
});
