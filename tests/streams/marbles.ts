/**
 * Marble diagrams in virtual time in which promises settle, too; RxJS's own TestScheduler knows nothing of them. A character
 * is a millisecond of vitest's fake timers, which a test must have switched on.
 */
import { Observable } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { vi } from 'vitest';

type Values<T> = Readonly<Record<string, T>>;
type Messages = ReturnType<typeof TestScheduler.parseMarbles>;

/** What `marbles` say, as `record` gives it. */
export function diagram<T>(marbles: string, values?: Values<T>, error?: unknown): Messages {
  return TestScheduler.parseMarbles(marbles, values, error, false, true).map(({ frame, notification }) => ({
    frame: frame / TestScheduler.frameTimeFactor,
    notification,
  }));
}

export type MarbleSource<T> = Observable<T> & {
  /** When it was unsubscribed from, in milliseconds after the subscription. */ readonly leftAt: () =>
    | number
    | undefined;
};

/** A plain Observable that pushes what `marbles` say, from its subscription on. */
export function pushed<T>(marbles: string, values?: Values<T>, error?: unknown): MarbleSource<T> {
  let leftAt: number | undefined;
  const source = new Observable<T>((subscriber) => {
    const start = Date.now();
    for (const { frame, notification } of diagram(marbles, values, error)) {
      setTimeout(() => {
        if (notification.kind === 'N')
          subscriber.next(notification.value as T); // one of `values`
        else if (notification.kind === 'E') subscriber.error(notification.error);
        else subscriber.complete();
      }, frame);
    }
    return () => {
      leftAt = Date.now() - start;
    };
  });
  return Object.assign(source, { leftAt: () => leftAt });
}

/** What `source` gives in `milliseconds`, or until it is unsubscribed from. */
export async function record<T>(
  source: Observable<T>,
  options: { readonly milliseconds?: number; readonly unsubscribeAt?: number } = {},
): Promise<Messages> {
  const { milliseconds = 50, unsubscribeAt = Number.POSITIVE_INFINITY } = options;
  const messages: Messages = [];
  const start = Date.now();
  const add = (notification: Messages[number]['notification']): void => {
    messages.push({ frame: Date.now() - start, notification });
  };
  const subscription = source.subscribe({
    next: (value) => add({ kind: 'N', value }),
    error: (error: unknown) => add({ kind: 'E', error }),
    complete: () => add({ kind: 'C' }),
  });
  await vi.advanceTimersByTimeAsync(Math.min(milliseconds, unsubscribeAt));
  subscription.unsubscribe();
  await vi.advanceTimersByTimeAsync(Math.max(0, milliseconds - unsubscribeAt));
  return messages;
}

/** Resolves after `milliseconds` of virtual time, or rejects with the reason of `signal`. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const abort = (): void => end(() => reject(signal?.reason));
    const timer = setTimeout(() => end(resolve), milliseconds);
    signal?.addEventListener('abort', abort);
  });
}
