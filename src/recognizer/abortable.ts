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
  let interrupt = (): void => {};
  const onAbort = (): void => interrupt(); // one listener for all items: listeners are dear
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    while (true) {
      signal?.throwIfAborted();
      isWaiting = true;
      const { done, value } = await new Promise<IteratorResult<T>>((resolve, reject) => {
        interrupt = () => reject(signal?.reason);
        Promise.resolve(iterator.next()).then(resolve, reject);
      });
      isWaiting = false;
      if (done === true) return;
      yield value;
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    const stopped = Promise.resolve(iterator.return?.());
    // A source that has not answered may never do so: it is told, but not waited for.
    if (isWaiting) stopped.catch(() => {});
    else await stopped;
  }
}
