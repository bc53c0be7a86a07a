import { aFunction, assertFields, type Checks, numberIn, oneOf } from '../arguments.ts';
import { HearkenError } from '../errors.ts';

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

/** What waits in a queue, in order, and how much of it there is. */
type Backlog<T> = {
  /** Whether an item of this size fits. Throws `queue/item-too-large` or `queue/item-size` where it never will. */
  readonly hasRoom: (size: number) => boolean;
  readonly push: (item: T, size: number) => void;
  /** The oldest item; none when nothing waits. */ readonly shift: () => { readonly item: T } | undefined;
  /** Lets go of the items that `coalesce-latest` allows to be replaced. */ readonly coalesce: () => void;
  readonly clear: () => void;
  readonly gauge: QueueGauge;
  readonly sizeOf: (item: T) => number;
};

/** An empty one. Throws `option/...` or `queue/policy`. */
function createBacklog<T>(options: QueueOptions<T>): Backlog<T> {
  assertQueueOptions('a queue', options);
  const { capacity, sizeOf = lengthOf } = options;
  let waiting: { readonly item: T; readonly size: number }[] = [];
  const counts = { fill: 0, highMark: 0, dropped: 0 };
  return {
    hasRoom: (size) => {
      if (size > capacity) throw itemTooLarge(size, capacity);
      if (!(size > 0)) throw new HearkenError('queue/item-size', `Expected items of a size above 0, got ${size}`);
      return counts.fill + size <= capacity;
    },
    push: (item, size) => {
      waiting.push({ item, size });
      counts.fill += size;
      counts.highMark = Math.max(counts.highMark, counts.fill);
    },
    shift: () => {
      const first = waiting.shift();
      counts.fill -= first?.size ?? 0;
      return first;
    },
    coalesce: () => {
      if (options.policy !== 'coalesce-latest') return;
      const kept = waiting.filter(({ item }) => !options.isReplaceable(item));
      counts.dropped += waiting.length - kept.length;
      counts.fill = kept.reduce((sum, { size }) => sum + size, 0);
      waiting = kept;
    },
    clear: () => {
      waiting = [];
      counts.fill = 0;
    },
    gauge: {
      capacity,
      get fill() {
        return counts.fill;
      },
      get highMark() {
        return counts.highMark;
      },
      get dropped() {
        return counts.dropped;
      },
    },
    sizeOf,
  };
}

function itemTooLarge(size: number, capacity: number): HearkenError {
  return new HearkenError('queue/item-too-large', `Expected items of at most ${capacity}, got one of ${size}`);
}

type Result<T> = IteratorResult<T, undefined>;
type Waiting<T> = { readonly resolve: (result: Result<T>) => void; readonly reject: (error: unknown) => void };

type Ending = 'end' | { readonly error: unknown };

/** Who waits for items that have not come, and what they are told when none will. */
type Readers<T> = {
  readonly wait: () => Promise<Result<T>>;
  /** Gives the item to the one that has waited longest, if anyone waits. */ readonly hand: (item: T) => boolean;
  /** The first ending counts. */ readonly finish: (how: Ending) => void;
  readonly isOver: () => boolean;
};

function createReaders<T>(): Readers<T> {
  const waiting: Waiting<T>[] = [];
  let ending: Ending | undefined;
  const tell = ({ resolve, reject }: Waiting<T>, how: Ending): void => {
    if (how === 'end') resolve({ done: true, value: undefined });
    else reject(how.error);
  };
  return {
    wait: () =>
      new Promise((resolve, reject) => {
        if (ending === undefined) waiting.push({ resolve, reject });
        else tell({ resolve, reject }, ending);
      }),
    hand: (item) => {
      const reader = waiting.shift();
      reader?.resolve({ done: false, value: item });
      return reader !== undefined;
    },
    finish: (how) => {
      ending ??= how;
      for (const reader of waiting.splice(0)) tell(reader, ending);
    },
    isOver: () => ending !== undefined,
  };
}

/**
 * What happens to an item that finds no room.
 *
 * - `block`: it waits, and whoever writes it with it;
 * - `refuse`: the queue fails with `queue/full`, so that nothing is lost unnoticed;
 * - `coalesce-latest`: waiting items that later ones replace make room for it, then as `block`.
 */
export type QueuePolicy<T> =
  | { readonly policy: 'block' }
  | { readonly policy: 'refuse' }
  | {
      readonly policy: 'coalesce-latest';
      /** Whether any later item takes the place of `item`, as the next partial or final does of a partial. */
      readonly isReplaceable: (item: T) => boolean;
    };

export type QueueOptions<T> = QueuePolicy<T> & {
  /** The most that may wait, in the unit of `sizeOf`; above 0. */ readonly capacity: number;
  /**
   * Size of an item, above 0. Default: the length of an array (samples of a `Float32Array`, bytes of a `Uint8Array`), but at
   * least 1, so that empty ones cannot pile up; 1 for anything else.
   */
  readonly sizeOf?: (item: T) => number;
};

/** How full a queue is, in its unit; what it says is always the present. */
export type QueueGauge = {
  readonly capacity: number;
  /** What waits now. */ readonly fill: number;
  /** The most that ever waited. */ readonly highMark: number;
  /** Items that gave their place to later ones (`coalesce-latest`). */ readonly dropped: number;
};

/** Of every policy together. */
type AnyQueueOptions = {
  readonly capacity: unknown;
  readonly policy: unknown;
  readonly isReplaceable?: unknown;
  readonly sizeOf?: unknown;
  readonly onGauge?: unknown;
};

/** Throws `queue/policy`. */
function aPolicy(name: string, value: unknown): void {
  try {
    oneOf('block', 'refuse', 'coalesce-latest')(name, value);
  } catch (error) {
    if (error instanceof HearkenError) throw new HearkenError('queue/policy', error.message, { cause: error });
    throw error;
  }
}

const CHECKS: Checks<AnyQueueOptions> = {
  capacity: numberIn(Number.MIN_VALUE, Number.MAX_SAFE_INTEGER),
  policy: aPolicy,
  isReplaceable: aFunction,
  sizeOf: aFunction,
  onGauge: aFunction,
};

/** Throws `option/...` or `queue/policy` on options that no queue can keep. */
export function assertQueueOptions<T>(of: string, options: QueueOptions<T>): void {
  assertFields<AnyQueueOptions>(of, options, CHECKS, ['isReplaceable', 'sizeOf', 'onGauge']);
  if (options.policy === 'coalesce-latest' && options.isReplaceable === undefined) {
    throw new HearkenError(
      'option/missing',
      `Expected ${of} with policy coalesce-latest to have \`isReplaceable\`, got none`,
    );
  }
}

/** Samples of a `Float32Array`, bytes of a `Uint8Array`, 1 for an empty one and for anything that is no array of numbers. */
function lengthOf(item: unknown): number {
  return ArrayBuffer.isView(item) && 'length' in item && typeof item.length === 'number' ? Math.max(1, item.length) : 1;
}

export function queueFull({ fill, capacity }: QueueGauge): HearkenError {
  return new HearkenError(
    'queue/full',
    `Expected room in the queue for one more item, got one that holds ${fill} of ${capacity}`,
  );
}
