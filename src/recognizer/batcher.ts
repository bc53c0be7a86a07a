/**
 * Dynamic micro-batching: streams that have something to be worked on wait in one line, and each batch takes the first
 * of them. Who is served goes to the end of the line, so a fast uploader waits as long as a live stream does.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

import { assertInteger } from '../errors.ts';

export type BatcherOptions<T> = {
  /** Streams in a batch at most, 1..1024. */ readonly maximumBatch: number;
  /** Longest time that the first of an incomplete batch waits for others, 0..1000 ms. */
  readonly maximumWaitMs: number;
  /** Streams that could become ready: where all of them are, there is nobody to wait for. */
  readonly openCount: () => number;
  /** Works on a piece of each, while `waiting` streams have found no place; must not reject. */
  readonly run: (batch: readonly T[], waiting: number) => Promise<void>;
  /** Whether a stream that was served has more. */ readonly isReady: (stream: T) => boolean;
};

export type Batcher<T> = {
  /** Puts a stream in line, once. */ readonly ready: (stream: T) => void;
  /** Takes a stream out of the line. */ readonly forget: (stream: T) => void;
  /** Resolves when no batch is under way and nobody is in line. */ readonly idle: () => Promise<void>;
};

/** Makes a batcher. Throws `option/out-of-range`. */
export function createBatcher<T>(options: BatcherOptions<T>): Batcher<T> {
  const { maximumBatch, maximumWaitMs, openCount, run, isReady } = options;
  assertInteger('maximumBatch', maximumBatch, 1, 1024);
  assertInteger('maximumWaitMs', maximumWaitMs, 0, 1000);
  const line = new Set<T>(); // in the order of arrival
  let serving: ReadonlySet<T> = new Set<T>();
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const serve = async (): Promise<void> => {
    while (line.size > 0) {
      const batch = [...line].slice(0, maximumBatch);
      for (const stream of batch) line.delete(stream);
      serving = new Set(batch);
      await run(batch, line.size);
      serving = new Set<T>();
      for (const stream of batch) if (isReady(stream)) line.add(stream);
      if (line.size > 0) await nextTurn(); // answers go out, and whoever has asked meanwhile gets in line
    }
    running = undefined;
  };
  const start = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (line.size > 0) running ??= serve();
  };

  return {
    ready: (stream) => {
      if (serving.has(stream)) return; // looked at again after its batch
      line.add(stream);
      if (running !== undefined) return;
      if (line.size >= Math.min(maximumBatch, openCount())) start();
      else timer ??= setTimeout(start, maximumWaitMs);
    },
    forget: (stream) => {
      line.delete(stream);
    },
    idle: async () => {
      start();
      await running; // until nobody is in line
    },
  };
}
