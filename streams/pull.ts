import type { Observable } from 'rxjs';

import { bounded } from './bounded.ts';
import { PullObservable } from './pull-observable.ts';
import { ITEM_QUEUE } from './operator.ts';

/**
 * The way out of RxJS: `for await (const event of pull(source))` asks for an item when its body is done with the last one,
 * so that a slow body holds the source back. Leaving the loop closes the source; an abort of `signal` ends it at once with
 * its reason.
 *
 * A plain Observable cannot be held back: its items wait, at most 1,024 of them, then the loop ends with `queue/full`.
 * Put `bounded` behind it for another bound.
 *
 * @example
 * ```ts
 * import { PullObservable, pull } from 'hearken/streams';
 * import { map } from 'rxjs';
 *
 * const squares = new PullObservable(() => [1, 2, 3]).pipe(map((number) => number * number));
 * for await (const square of pull(squares)) console.log(square);
 * // => 1
 * // => 4
 * // => 9
 * ```
 */
export function pull<T>(source: Observable<T>, signal: AbortSignal = new AbortController().signal): AsyncIterable<T> {
  return (source instanceof PullObservable ? source : bounded<T>(ITEM_QUEUE)(source)).pull(signal);
}
