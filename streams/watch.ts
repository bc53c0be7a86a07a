import type { MonoTypeOperatorFunction } from 'rxjs';

import { aFunction } from '../src/arguments.ts';
import { syncOperator } from './operator.ts';

/**
 * RxJS's `tap` behind which a source can still be held back: `onItem` looks at each item on its way.
 *
 * @example
 * ```ts
 * import { pull, PullObservable, watch } from 'hearken/streams';
 *
 * let sum = 0;
 * const numbers = new PullObservable(() => [1, 2, 3]).pipe(watch((number) => (sum += number)));
 * for await (const number of pull(numbers)) console.log(number, sum);
 * // => 1 1
 * // => 2 3
 * // => 3 6
 * ```
 */
export function watch<T>(onItem: (item: T) => void): MonoTypeOperatorFunction<T> {
  aFunction('onItem', onItem);
  return syncOperator(() => (item) => {
    onItem(item);
    return [item];
  });
}
