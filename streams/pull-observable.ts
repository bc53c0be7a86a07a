import { Observable, type Subscriber } from 'rxjs';

import { HearkenError } from '../src/errors.ts';
import { abortable } from '../src/recognizer/abortable.ts';

/** Opens the source behind a `PullObservable`; `signal` is aborted when nobody listens any more. */
export type Open<T> = (signal: AbortSignal) => AsyncIterable<T> | Iterable<T>;

/**
 * An Observable whose items are asked for one at a time. RxJS cannot hold a source back; operators of this package can
 * hold this one back: they ask for the next item when they have worked off the last one. A subscriber gets items as fast
 * as they come. Operators of RxJS itself take it for a plain Observable, and give one.
 */
export class PullObservable<T> extends Observable<T> {
  readonly #open: Open<T>;

  /** `open` is called by each subscription and each `pull`, at once, so that a source which pushes loses nothing. */
  constructor(open: Open<T>) {
    super((subscriber) => {
      const controller = new AbortController();
      void drain(this.pull(controller.signal), subscriber);
      return () => controller.abort(NOBODY_LISTENS);
    });
    this.#open = open;
  }

  /**
   * The items, for one iteration. An abort of `signal` ends them at once with its reason, even while one is awaited.
   * Throws what `open` throws.
   */
  pull(signal: AbortSignal): AsyncIterable<T> {
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(signal.reason);
    const close = (): void => {
      signal.removeEventListener('abort', onAbort);
      if (!controller.signal.aborted) controller.abort(NOBODY_LISTENS); // reaches what was opened and never asked, too
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true }); // an AbortSignal.any costs several times as much
    const opened = abortable(this.#opened(controller.signal, close), controller.signal);
    const next = async (): Promise<IteratorResult<T, void>> => {
      try {
        const result = await opened.next();
        if (result.done === true) close();
        return result;
      } catch (error) {
        close();
        throw error;
      }
    };
    const leave = (): Promise<IteratorResult<T, void>> => {
      close();
      return opened.return();
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
  }

  /**
   * The items, for an operator that is pulled itself with `signal`, and ends with it: a chain of operators has one signal, aborted
   * at its end, which is cheaper than one each.
   */
  within(signal: AbortSignal): AsyncIterable<T> {
    return abortable(
      this.#opened(signal, () => undefined),
      signal,
    );
  }

  #opened(signal: AbortSignal, close: () => void): ReturnType<Open<T>> {
    if (signal.aborted) return []; // the first item asked for tells of it
    try {
      return this.#open(signal);
    } catch (error) {
      close();
      throw error;
    }
  }
}

/** Gives every item to the subscriber; never rejects. */
async function drain<T>(items: AsyncIterable<T>, subscriber: Subscriber<T>): Promise<void> {
  try {
    for await (const item of items) {
      subscriber.next(item);
      if (subscriber.closed) return;
    }
    subscriber.complete();
  } catch (error) {
    subscriber.error(error); // goes nowhere after an unsubscription, whose abort it tells of
  }
}

/** One for all: every stream ends so, and the stack of an error costs more than its end. */
const NOBODY_LISTENS = new HearkenError('stream/unsubscribed', 'Expected a listener, got none: it has unsubscribed');
