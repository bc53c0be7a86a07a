import type { OperatorFunction } from 'rxjs';

import { aFunction } from '../src/arguments.ts';
import { ITEM_QUEUE, asyncOperator } from './operator.ts';

/**
 * `concatMap` that holds its source back: the next item is asked for when the promise of the last one has settled. For
 * consumers that take time, such as a socket or a database. `signal` is aborted when nobody listens any more. Items of a
 * plain Observable wait, at most 1,024 of them, then the stream ends with `queue/full`; put `bounded` before for another bound.
 *
 * @example
 * ```ts
 * import { setTimeout } from 'node:timers/promises';
 * import { concatMapPulled, PullObservable } from 'hearken/streams';
 * import { lastValueFrom, toArray } from 'rxjs';
 *
 * const asked = new PullObservable(function* () {
 *   for (const item of ['a', 'b']) {
 *     console.log('asked for', item);
 *     yield item;
 *   }
 * });
 * const slow = asked.pipe(concatMapPulled((item) => setTimeout(10, item.toUpperCase()).finally(() => console.log('done'))));
 * console.log(await lastValueFrom(slow.pipe(toArray())));
 * // => asked for a
 * // => done
 * // => asked for b
 * // => done
 * // => [ 'A', 'B' ]
 * ```
 */
export function concatMapPulled<T, R>(
  project: (item: T, signal: AbortSignal) => Promise<R> | R,
): OperatorFunction<T, R> {
  aFunction('project', project);
  return asyncOperator(async function* (items, signal) {
    for await (const item of items) yield await project(item, signal);
  }, ITEM_QUEUE);
}
