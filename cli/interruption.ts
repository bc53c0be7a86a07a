/** Aborts at the first Ctrl-C, so that work in hand can be saved; the second one ends the process as usual. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}
