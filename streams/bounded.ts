import { type Observable, Subject, takeUntil } from 'rxjs';

import { HearkenError } from '../src/errors.ts';
import {
  type BoundedQueue,
  createBoundedQueue,
  type QueueGauge,
  type QueueOptions,
  queueFull,
} from '../src/queue/bounded-queue.ts';
import { PullObservable } from './pull-observable.ts';
import { assertQueueOptions } from './queue-options.ts';

export type BoundedOptions<T> = QueueOptions<T> & {
  /** Called with the gauge of each subscription's queue, which stays up to date. */
  readonly onGauge?: (gauge: QueueGauge) => void;
};

/**
 * A queue between a source and what follows: the way from a plain Observable, which cannot be held back, into this
 * package, and a read-ahead behind a source that can.
 *
 * Errors of the source come after what waits. Where there is no room: `block` holds the source back, and is refused with
 * `queue/policy` for a plain Observable; `refuse` ends with `queue/full`; `coalesce-latest` and `supersede` let go of what later items
 * replace, then hold back a source that can be held back and end with `queue/full` for a plain Observable.
 *
 * Throws `option/...` or `queue/policy`.
 *
 * @example
 * ```ts
 * import { bounded, pull } from 'hearken/streams';
 * import { Subject } from 'rxjs';
 *
 * const prices = new Subject<number>(); // nobody can hold it back
 * const newest = pull(prices.pipe(bounded({ policy: 'coalesce-latest', capacity: 1, isReplaceable: () => true })));
 * const reading = newest[Symbol.asyncIterator]();
 * const first = reading.next();
 * for (const price of [10, 11, 12, 13]) prices.next(price);
 * console.log((await first).value, (await reading.next()).value);
 * // => 10 13
 * ```
 */
export function bounded<T>(options: BoundedOptions<T>): (source: Observable<T>) => PullObservable<T> {
  assertQueueOptions('bounded', options);
  return (source) => {
    if (options.policy === 'block' && !(source instanceof PullObservable)) {
      throw new HearkenError(
        'queue/policy',
        'Expected a source that can be held back for policy `block`, got a plain Observable',
      );
    }
    return new PullObservable((signal) => {
      const queue = createBoundedQueue(options);
      signal.addEventListener('abort', () => queue.close(), { once: true });
      options.onGauge?.(queue.gauge);
      if (source instanceof PullObservable) void fill(queue, source.within(signal));
      else receive(queue, source, signal);
      return queue;
    });
  };
}

/** The items of any Observable, one at a time, for an operator that is pulled with `signal`: a plain one goes through a queue. It is subscribed to at once. */
export function itemsOf<T>(source: Observable<T>, signal: AbortSignal, queue: QueueOptions<T>): AsyncIterable<T> {
  return (source instanceof PullObservable ? source : bounded(queue)(source)).within(signal);
}

/** Reads ahead of the queue's reader; never rejects. */
async function fill<T>(queue: BoundedQueue<T>, items: AsyncIterable<T>): Promise<void> {
  try {
    for await (const item of items) await queue.write(item);
    queue.end();
  } catch (error) {
    queue.fail(error);
  }
}

/** Writes what the source pushes to the queue, until there is no room for it. */
function receive<T>(queue: BoundedQueue<T>, source: Observable<T>, signal: AbortSignal): void {
  const isOver = new Subject<void>();
  signal.addEventListener('abort', () => isOver.next(), { once: true });
  source.pipe(takeUntil(isOver)).subscribe({
    next: (item) => {
      try {
        if (!queue.offer(item)) throw queueFull(queue.gauge);
      } catch (error) {
        queue.fail(error);
        isOver.next();
      }
    },
    error: queue.fail,
    complete: queue.end,
  });
}
