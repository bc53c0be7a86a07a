import { HearkenError } from '../src/errors.ts';
import { createBacklog } from './backlog.ts';
import { type QueueGauge, type QueueOptions, queueFull } from './queue-options.ts';
import { createReaders } from './readers.ts';

/** Items on their way from a writer to one reader, in order; what waits never exceeds the capacity. */
export type BoundedQueue<T> = AsyncIterable<T> & {
  /**
   * Resolves when the queue has taken the item; until then its writer must hold the next one back. Rejects with
   * `queue/full` (policy `refuse`), `queue/item-too-large`, `queue/item-size`, or `queue/closed` once it has ended or its reader has left.
   */
  readonly write: (item: T) => Promise<void>;
  /** Takes the item if that can be done at once, for writers that cannot wait; throws what `write` rejects with. */
  readonly offer: (item: T) => boolean;
  /** No more items come: the reader gets what waits, then the end. */
  readonly end: () => void;
  /** The reader gets what waits, then `error`. */
  readonly fail: (error: unknown) => void;
  /** Nobody reads any more: what waits is let go, writers are told. A reader that leaves does this. */
  readonly close: () => void;
  readonly gauge: QueueGauge;
};

type Writer<T> = {
  readonly item: T;
  readonly size: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
};

/** Opens a queue. Throws `option/...` or `queue/policy`. */
export function createBoundedQueue<T>(options: QueueOptions<T>): BoundedQueue<T> {
  const backlog = createBacklog(options);
  const readers = createReaders<T>();
  const writers: Writer<T>[] = []; // each waits for room

  const hasRoom = (size: number): boolean => backlog.hasRoom(size) && writers.length === 0;
  const tryTake = (item: T, size: number): boolean => {
    if (readers.isOver()) throw queueClosed();
    if (!hasRoom(size)) backlog.coalesce();
    if (!hasRoom(size)) {
      if (options.policy === 'refuse') throw queueFull(backlog.gauge);
      return false;
    }
    if (!readers.hand(item)) backlog.push(item, size);
    return true;
  };
  const admitWriters = (): void => {
    for (let writer = writers[0]; writer !== undefined && backlog.hasRoom(writer.size); writer = writers[0]) {
      writers.shift();
      backlog.push(writer.item, writer.size);
      writer.resolve();
    }
  };
  const close = (): void => {
    readers.finish('end');
    backlog.clear();
    for (const { reject } of writers.splice(0)) reject(queueClosed());
  };
  const next = async (): Promise<IteratorResult<T, undefined>> => {
    const first = backlog.shift();
    admitWriters();
    return first === undefined ? readers.wait() : { done: false, value: first.item };
  };
  const leave = async (): Promise<IteratorResult<T, undefined>> => {
    close();
    return { done: true, value: undefined };
  };

  return {
    offer: (item) => tryTake(item, backlog.sizeOf(item)),
    write: (item) =>
      new Promise((resolve, reject) => {
        const size = backlog.sizeOf(item);
        if (tryTake(item, size)) resolve();
        else writers.push({ item, size, resolve, reject });
      }),
    end: () => readers.finish('end'),
    fail: (error) => readers.finish({ error }),
    close,
    gauge: backlog.gauge,
    [Symbol.asyncIterator]: () => ({ next, return: leave }),
  };
}

function queueClosed(): HearkenError {
  return new HearkenError('queue/closed', 'Expected a queue that is open, got one that has ended');
}
