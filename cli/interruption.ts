/** Signals that ask a process to end (Ctrl-C, `kill`, a terminal that is closed) and the exit codes that shells give for them. */
export const INTERRUPTION_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

type InterruptionSignal = keyof typeof INTERRUPTION_CODES;

/** The reason of work that was aborted because the process was asked to end. */
export class InterruptionError extends Error {
  readonly exitCode: number;

  constructor(signal: InterruptionSignal) {
    super(`Interrupted by ${signal}`);
    this.name = 'AbortError';
    this.exitCode = INTERRUPTION_CODES[signal];
  }
}

/** Aborts at the first such signal, so that work in hand can be saved; the second one ends the process as usual. */
export type Interruption = Disposable & { readonly signal: AbortSignal };

/** Listens until it is disposed of. */
export function listenForInterruption(): Interruption {
  const controller = new AbortController();
  const stopListening = (): void => {
    for (const signal of SIGNALS) process.off(signal, abort);
  };
  const abort = (signal: InterruptionSignal): void => {
    stopListening();
    controller.abort(new InterruptionError(signal));
  };
  for (const signal of SIGNALS) process.on(signal, abort);
  return { signal: controller.signal, [Symbol.dispose]: stopListening };
}

const SIGNALS: readonly InterruptionSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
