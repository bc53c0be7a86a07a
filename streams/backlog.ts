import { HearkenError } from '../src/errors.ts';
import { assertQueueOptions, lengthOf, type QueueGauge, type QueueOptions } from './queue-options.ts';

/** What waits in a queue, in order, and how much of it there is. */
export type Backlog<T> = {
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
export function createBacklog<T>(options: QueueOptions<T>): Backlog<T> {
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
