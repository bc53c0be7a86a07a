/** The one queue of this project: between whoever writes and whoever reads, wherever data may come faster than they go. */
import { HearkenError } from '../errors.ts';

/** Items on their way from a writer to one reader, in order; what waits never exceeds the capacity, unless by `put`. */
export type BoundedQueue<T> = AsyncIterable<T> & {
  /**
   * Resolves when the queue has taken the item; until then its writer must hold the next one back. Rejects with
   * `queue/full` (policy `refuse`), `queue/item-too-large`, `queue/item-size`, or `queue/closed` once it has ended or its reader has left.
   */
  readonly write: (item: T) => Promise<void>;
  /** Takes the item if that can be done at once, for writers that cannot wait; throws what `write` rejects with. */
  readonly offer: (item: T) => boolean;
  /**
   * Takes the item however full the queue is, for a writer that waits for `room`, or whose source is paused and may be late
   * to notice: what comes beyond the capacity is for that writer to bound. A queue that is over lets the item go.
   */
  readonly put: (item: T) => void;
  /** Resolves when less than the capacity waits, or the queue is over. Never rejects. */
  readonly room: () => Promise<void>;
  /** The oldest item at once, for readers that cannot wait; `undefined` where none waits. */
  readonly take: () => T | undefined;
  /** Ends the queue: no more items come, and the reader gets what waits, then the end. */
  readonly end: () => void;
  /** The reader gets what waits, then `error`. */
  readonly fail: (error: unknown) => void;
  /** Lets go of what waits and tells the writers; a reader gets `error`, or the end where there is none. A reader that leaves does this. */
  readonly close: (error?: unknown) => void;
  readonly gauge: QueueGauge;
};

/**
 * What happens to an item that finds no room.
 *
 * - `block`: it waits, and whoever writes it with it;
 * - `refuse`: the queue fails with `queue/full`, so that nothing is lost unnoticed;
 * - `coalesce-latest`: waiting items that later ones replace make room for it, then as `block`;
 * - `supersede`: waiting items leave as soon as one comes that takes their place, room or not; then as `block`.
 */
export type QueuePolicy<T> =
  | { readonly policy: 'block' }
  | { readonly policy: 'refuse' }
  | {
      readonly policy: 'coalesce-latest';
      /** Whether any later item takes the place of `item`, as the next partial or final does of a partial. */
      readonly isReplaceable: (item: T) => boolean;
    }
  | {
      readonly policy: 'supersede';
      /** Whether `next`, which comes after `item`, takes its place. */
      readonly isSuperseded: (item: T, next: T) => boolean;
    };

export type QueueOptions<T> = QueuePolicy<T> & {
  /** The most that may wait, in the unit of `sizeOf`; above 0. */ readonly capacity: number;
  /**
   * Size of an item, above 0. Default: the length of an array (samples of a `Float32Array`, bytes of a `Uint8Array`), but at
   * least 1, so that empty ones cannot pile up; 1 for anything else.
   */
  readonly sizeOf?: (item: T) => number;
  /** Holds back a source that pushes. */ readonly valve?: SourceValve;
};

/**
 * Pauses and resumes the source of a queue: at the fills `pauseAt` and `resumeAt`, in the unit of the queue, `pauseAt`
 * above `resumeAt`.
 */
export type SourceValve = {
  /** Called when so much waits as `pauseAt`. */ readonly pause: () => void;
  /** Called when, after that, no more waits than `resumeAt`, or the queue is closed. */ readonly resume: () => void;
  readonly pauseAt: number;
  readonly resumeAt: number;
};

/** How full a queue is, in its unit; its fields are read live. */
export type QueueGauge = {
  readonly capacity: number;
  /** Size of what waits now. */ readonly fill: number;
  /** The most that ever waited. */ readonly highMark: number;
  /** Items that gave their place to later ones. */ readonly dropped: number;
};

type Writer<T> = Sized<T> & { readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** Opens a queue. */
export function createBoundedQueue<T>(options: QueueOptions<T>): BoundedQueue<T> {
  const backlog = createBacklog(options);
  const readers = createReaders<T>();
  const writers: Writer<T>[] = []; // each waits for room
  let roomWanted: (() => void)[] = [];

  const announceRoom = (): void => {
    if (backlog.gauge.fill >= options.capacity && !readers.isOver()) return;
    for (const answer of roomWanted) answer();
    roomWanted = [];
  };
  const admit = (sized: Sized<T>): void => {
    if (!readers.hand(sized.item)) backlog.push(sized);
  };
  const admitWriters = (): void => {
    for (let writer = writers[0]; writer !== undefined && backlog.hasRoom(writer); writer = writers[0]) {
      writers.shift();
      backlog.push(writer);
      writer.resolve();
    }
  };
  const tryTake = (sized: Sized<T>): boolean => {
    if (readers.isOver()) throw queueClosed();
    backlog.assertFits(sized);
    backlog.supersedeBy(sized.item);
    const hasRoom = (): boolean => backlog.hasRoom(sized) && writers.length === 0;
    if (!hasRoom()) backlog.coalesce();
    admitWriters(); // what left may have made room for them
    if (!hasRoom()) {
      if (options.policy === 'refuse') throw queueFull(backlog.gauge);
      return false;
    }
    admit(sized);
    return true;
  };
  const shift = (): Sized<T> | undefined => {
    const first = backlog.shift();
    admitWriters();
    announceRoom();
    return first;
  };
  const finish = (how: Ending): void => {
    readers.finish(how);
    announceRoom();
  };
  const close = (error?: unknown): void => {
    finish(error === undefined ? 'end' : { error });
    backlog.clear();
    for (const { reject } of writers.splice(0)) reject(queueClosed());
  };
  const next = async (): Promise<Result<T>> => {
    const first = shift();
    return first === undefined ? readers.wait() : { done: false, value: first.item };
  };
  const leave = async (): Promise<Result<T>> => {
    close();
    return { done: true, value: undefined };
  };

  return {
    offer: (item) => tryTake(backlog.sized(item)),
    write: (item) =>
      new Promise((resolve, reject) => {
        const sized = backlog.sized(item);
        if (tryTake(sized)) resolve();
        else writers.push({ ...sized, resolve, reject });
      }),
    put: (item) => {
      if (readers.isOver()) return;
      backlog.supersedeBy(item);
      const sized = backlog.sized(item);
      if (writers.length === 0) admit(sized);
      else writers.push({ ...sized, resolve: () => undefined, reject: () => undefined }); // nobody is overtaken
    },
    room: () =>
      new Promise((resolve) => {
        roomWanted.push(resolve);
        announceRoom();
      }),
    take: () => shift()?.item,
    end: () => finish('end'),
    fail: (error) => finish({ error }),
    close,
    gauge: backlog.gauge,
    [Symbol.asyncIterator]: () => ({ next, return: leave }),
  };
}

export function queueFull({ fill, capacity }: QueueGauge): HearkenError {
  return new HearkenError(
    'queue/full',
    `Expected room in the queue for one more item, got one that holds ${fill} of ${capacity}`,
  );
}

function queueClosed(): HearkenError {
  return new HearkenError('queue/closed', 'Expected a queue that is open, got one that has ended');
}

type Sized<T> = { readonly item: T; readonly size: number };

/** The items that wait in a queue, in order, and their size. */
type Backlog<T> = {
  readonly sized: (item: T) => Sized<T>;
  /** Throws `queue/item-too-large` or `queue/item-size` on an item that never has room. */
  readonly assertFits: (sized: Sized<T>) => void;
  readonly hasRoom: (sized: Sized<T>) => boolean;
  readonly push: (sized: Sized<T>) => void;
  /** The oldest item; none when nothing waits. */ readonly shift: () => Sized<T> | undefined;
  /** Lets go of the items that `coalesce-latest` allows to be replaced. */ readonly coalesce: () => void;
  /** Lets go of the items whose place `next` takes by `supersede`. */ readonly supersedeBy: (next: T) => void;
  readonly clear: () => void;
  readonly gauge: QueueGauge;
};

function createBacklog<T>(options: QueueOptions<T>): Backlog<T> {
  const { capacity, sizeOf = lengthOf, valve } = options;
  let waiting: Sized<T>[] = [];
  let isPaused = false;
  const gauge = { capacity, fill: 0, highMark: 0, dropped: 0 };
  const fillTo = (fill: number): void => {
    gauge.fill = fill;
    gauge.highMark = Math.max(gauge.highMark, fill);
    if (valve === undefined || (isPaused ? fill > valve.resumeAt : fill < valve.pauseAt)) return;
    isPaused = !isPaused; // before the call, in which more may come
    if (isPaused) valve.pause();
    else valve.resume();
  };
  const letGo = (isReplaced: (item: T) => boolean): void => {
    const kept = waiting.filter(({ item }) => !isReplaced(item));
    if (kept.length === waiting.length) return;
    gauge.dropped += waiting.length - kept.length;
    waiting = kept;
    fillTo(kept.reduce((sum, { size }) => sum + size, 0));
  };
  return {
    sized: (item) => ({ item, size: sizeOf(item) }),
    assertFits: ({ size }) => {
      if (size > capacity) {
        throw new HearkenError('queue/item-too-large', `Expected items of at most ${capacity}, got one of ${size}`);
      }
      if (!(size > 0)) throw new HearkenError('queue/item-size', `Expected items of a size above 0, got ${size}`);
    },
    hasRoom: ({ size }) => gauge.fill + size <= capacity,
    push: (sized) => {
      waiting.push(sized);
      fillTo(gauge.fill + sized.size);
    },
    shift: () => {
      const first = waiting.shift();
      if (first !== undefined) fillTo(gauge.fill - first.size);
      return first;
    },
    coalesce: () => {
      if (options.policy === 'coalesce-latest') letGo(options.isReplaceable);
    },
    supersedeBy: (next) => {
      if (options.policy === 'supersede') letGo((item) => options.isSuperseded(item, next));
    },
    clear: () => {
      waiting = [];
      fillTo(0);
    },
    gauge,
  };
}

type Result<T> = IteratorResult<T, undefined>;
type Waiting<T> = { readonly resolve: (result: Result<T>) => void; readonly reject: (error: unknown) => void };

type Ending = 'end' | { readonly error: unknown };

/** Readers that wait for items, and what they are told when none will come. */
type Readers<T> = {
  readonly wait: () => Promise<Result<T>>;
  /** Gives the item to the one that has waited longest, if anyone waits. */ readonly hand: (item: T) => boolean;
  /** The first ending counts. */ readonly finish: (how: Ending) => void;
  readonly isOver: () => boolean;
};

function createReaders<T>(): Readers<T> {
  const waiting: Waiting<T>[] = [];
  let ending: Ending | undefined;
  const answer = ({ resolve, reject }: Waiting<T>, how: Ending): void => {
    if (how === 'end') resolve({ done: true, value: undefined });
    else reject(how.error);
  };
  return {
    wait: () =>
      new Promise((resolve, reject) => {
        if (ending === undefined) waiting.push({ resolve, reject });
        else answer({ resolve, reject }, ending);
      }),
    hand: (item) => {
      const reader = waiting.shift();
      reader?.resolve({ done: false, value: item });
      return reader !== undefined;
    },
    finish: (how) => {
      ending ??= how;
      for (const reader of waiting.splice(0)) answer(reader, ending);
    },
    isOver: () => ending !== undefined,
  };
}

/** Samples of a `Float32Array`, bytes of a `Uint8Array`, 1 for an empty one and for anything that is no array of numbers. */
function lengthOf(item: unknown): number {
  return ArrayBuffer.isView(item) && 'length' in item && typeof item.length === 'number' ? Math.max(1, item.length) : 1;
}
