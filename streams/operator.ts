import { concatMap, defer, type OperatorFunction } from 'rxjs';

import { wrongType } from '../src/arguments.ts';
import { itemsOf } from './bounded.ts';
import { PullObservable } from './pull-observable.ts';
import type { QueueOptions } from '../src/queue/bounded-queue.ts';

/** Queue for chunks of a plain Observable, which cannot be held back: about a minute of audio at 16 kHz, 4 MiB. */
export const CHUNK_QUEUE: QueueOptions<unknown> = { capacity: 1 << 20, policy: 'refuse' };

/** Queue for single items of a plain Observable, which cannot be held back. */
export const ITEM_QUEUE: QueueOptions<unknown> = { capacity: 1_024, policy: 'refuse', sizeOf: () => 1 };

/** Throws `option/type` on anything but a loaded model with this method; options are checked by the method itself. */
export function assertModel(model: unknown, method: string): void {
  if (method in Object(model)) return;
  throw wrongType('model', `a model with \`${method}\`, of \`loadModel\` for example`, model);
}

/** An operator that takes its time: `work` asks for an item when it is done with the last one. */
export function asyncOperator<T, R>(
  work: (items: AsyncIterable<T>, signal: AbortSignal) => AsyncIterable<R>,
  queue: QueueOptions<NoInfer<T>> = CHUNK_QUEUE,
): OperatorFunction<T, R> {
  return (source) => new PullObservable((signal) => work(itemsOf(source, signal, queue), signal));
}

/**
 * An operator that answers at once, so that it needs no queue: `open` begins a subscription's state, what it gives turns
 * an item into results. Behind a source that can be held back it can be held back, too.
 */
export function syncOperator<T, R>(open: () => (item: T) => readonly R[]): OperatorFunction<T, R> {
  return (source) =>
    source instanceof PullObservable
      ? new PullObservable((signal) => transformed(source.within(signal), open()))
      : defer(() => source.pipe(concatMap(open())));
}

async function* transformed<T, R>(items: AsyncIterable<T>, transform: (item: T) => readonly R[]): AsyncGenerator<R> {
  for await (const item of items) yield* transform(item);
}
