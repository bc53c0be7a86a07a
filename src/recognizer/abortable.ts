/**
 * Yields what `source` does, and throws the signal's reason as soon as it is aborted, even while waiting for more.
 * However it ends, `source` is told to stop.
 */
export async function* abortable<T>(
  source: AsyncIterable<T> | Iterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  let isWaiting = false;
  try {
    while (true) {
      signal?.throwIfAborted();
      isWaiting = true;
      const { done, value } = await orAbort(Promise.resolve(iterator.next()), signal);
      isWaiting = false;
      if (done === true) return;
      yield value;
    }
  } finally {
    const stopped = Promise.resolve(iterator.return?.());
    // A source that has not answered may never do so: it is told, but not waited for.
    if (isWaiting) stopped.catch(() => {});
    else await stopped;
  }
}

/** Settles as `promise` does, or rejects when `signal` is aborted; leaves no listener behind. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
