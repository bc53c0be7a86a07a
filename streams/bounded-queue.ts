import { HearkenError } from '../src/errors.ts';
import { createBacklog } from './backlog.ts';
import { type QueueGauge, type QueueOptions, queueFull } from './queue-options.ts';

/** Items on their way from a writer to one reader, in order; what waits never exceeds the capacity. */
export type BoundedQueue<T> = AsyncIterable<T> & {
  /**
   * Resolves when the queue has taken the item; until then its writer must hold the next one back. Rejects with
   * `queue/full` (policy `refuse`), `queue/item-too-large`, or `queue/closed` once it has ended or its reader has left.
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

type Result<T> = IteratorResult<T, undefined>;
type Settle<R> = { readonly resolve: (result: R) => void; readonly reject: (error: unknown) => void };
type Writer<T> = Settle<void> & { readonly item: T; readonly size: number };
type Ending = 'end' | { readonly error: unknown };

/** Opens a queue. Throws `option/out-of-range` or `queue/policy`. */
export function createBoundedQueue<T>(options: QueueOptions<T>): BoundedQueue<T> {
  const backlog = createBacklog(options);
  const writers: Writer<T>[] = []; // each waits for room
  const readers: Settle<Result<T>>[] = []; // each waits for an item, so that nothing waits in the backlog
  let ending: Ending | undefined;

  const hasRoom = (size: number): boolean => writers.length === 0 && backlog.hasRoom(size);
  const take = (item: T, size: number): void => {
    const reader = readers.shift();
    if (reader === undefined) backlog.push(item, size);
    else reader.resolve({ done: false, value: item });
  };
  const tryTake = (item: T, size: number): boolean => {
    if (ending !== undefined) throw queueClosed();
    if (!hasRoom(size)) backlog.coalesce();
    if (hasRoom(size)) {
      take(item, size);
      return true;
    }
    if (options.policy === 'refuse') throw queueFull(backlog.gauge);
    return false;
  };
  const admitWriters = (): void => {
    for (let writer = writers[0]; writer !== undefined && backlog.hasRoom(writer.size); writer = writers[0]) {
      writers.shift();
      backlog.push(writer.item, writer.size);
      writer.resolve();
    }
  };
  const finish = ({ resolve, reject }: Settle<Result<T>>): void => {
    if (typeof ending === 'object') reject(ending.error);
    else resolve({ done: true, value: undefined });
  };
  const finishAll = (how: Ending): void => {
    ending ??= how;
    for (const reader of readers.splice(0)) finish(reader);
  };
  const close = (): void => {
    finishAll('end');
    backlog.clear();
    for (const { reject } of writers.splice(0)) reject(queueClosed());
  };

  return {
    offer: (item) => tryTake(item, backlog.sizeOf(item)),
    write: (item) =>
      new Promise((resolve, reject) => {
        const size = backlog.sizeOf(item);
        if (tryTake(item, size)) resolve();
        else writers.push({ item, size, resolve, reject });
      }),
    end: () => finishAll('end'),
    fail: (error) => finishAll({ error }),
    close,
    gauge: backlog.gauge,
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise((resolve, reject) => {
          const first = backlog.shift();
          admitWriters();
          if (first !== undefined) resolve({ done: false, value: first.item });
          else if (ending === undefined) readers.push({ resolve, reject });
          else finish({ resolve, reject });
        }),
      return: async () => {
        close();
        return { done: true, value: undefined };
      },
    }),
  };
}

function queueClosed(): HearkenError {
  return new HearkenError('queue/closed', 'Expected a queue that is open, got one that has ended');
}
