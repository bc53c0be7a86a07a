/** Aborts at the first Ctrl-C, so that work in hand can be saved; the second one ends the process as usual. */
export type Interruption = Disposable & { readonly signal: AbortSignal };

/** Listens until it is disposed of. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', abort);
    },
  };
}
