import { SingleBar } from 'cli-progress';

import { printable } from './printable.ts';

/** A bar on stderr where a person looks at it (a terminal); elsewhere nothing is printed. Disposing of it takes it away. */
export type Progress = Disposable & {
  /** Shows `done` of the whole, and a few words on what is going on. */
  update(done: number, note?: string): void;
  /** Takes the bar away, so that lines can be printed; the next update brings it back. */
  clear(): void;
};

const SILENT: Progress = { update() {}, clear() {}, [Symbol.dispose]() {} };

/** `total` in the unit of `done`; without it (a stream) no bar is shown. */
export function createProgress(label: string, total: number | undefined): Progress {
  if (!process.stderr.isTTY || total === undefined || total === 0) return SILENT;
  const started = performance.now();
  let bar: SingleBar | undefined;
  const clear = (): void => {
    bar?.stop();
    bar = undefined;
  };
  process.on('exit', clear); // where the process is ended from elsewhere
  return {
    update(done, note = '') {
      const elapsed = (performance.now() - started) / 1_000;
      const payload = { label: printable(label), left: timeLeft(elapsed, done / total), note: printable(note) };
      if (bar === undefined) {
        // Cursor and line wrapping stay as they are: a process that is killed cannot bring them back.
        bar = new SingleBar({
          format: '{label} {bar} {percentage} %{left} {note}',
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: false,
          linewrap: true,
          barsize: 30,
        });
        bar.start(total, done, payload);
      }
      bar.update(done, payload);
    },
    clear,
    [Symbol.dispose]: () => {
      process.off('exit', clear);
      clear();
    },
  };
}

/** Nothing while too little is known, or too little is left to be worth saying. */
function timeLeft(elapsedSeconds: number, share: number): string {
  const left = (elapsedSeconds * (1 - share)) / share;
  if (elapsedSeconds < 2 || !(left >= 2) || !Number.isFinite(left)) return '';
  if (left < 120) return `, ${Math.round(left)} s left`;
  return `, ${left < 7_200 ? `${Math.round(left / 60)} min` : `${(left / 3_600).toFixed(1)} h`} left`;
}
