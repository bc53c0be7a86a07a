import type { MonoTypeOperatorFunction } from 'rxjs';

import { aFunction } from '../src/arguments.ts';
import { syncOperator } from './operator.ts';

/** RxJS's `tap` behind which a source can still be held back: `onItem` looks at each item on its way. */
export function watch<T>(onItem: (item: T) => void): MonoTypeOperatorFunction<T> {
  aFunction('onItem', onItem);
  return syncOperator(() => (item) => {
    onItem(item);
    return [item];
  });
}
