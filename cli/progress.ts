import { SingleBar } from 'cli-progress';

/** A bar on stderr where a person looks at it (a terminal); elsewhere nothing is printed. */
export type Progress = {
  /** Shows `done` of the whole, and a few words on what is going on. */
  update(done: number, note?: string): void;
  /** Takes the bar away, so that lines can be printed; the next update brings it back. */
  clear(): void;
};

const SILENT: Progress = { update() {}, clear() {} };

/** `total` in the unit of `done`; without it (a stream) no bar is shown. */
export function createProgress(label: string, total: number | undefined): Progress {
  if (!process.stderr.isTTY || total === undefined || total === 0) return SILENT;
  let bar: SingleBar | undefined;
  return {
    update(done, note = '') {
      if (bar === undefined) {
        bar = new SingleBar({
          format: `${label} {bar} {percentage} % {eta_formatted} {note}`,
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: true,
          barsize: 30,
        });
        bar.start(total, done, { note });
      }
      bar.update(done, { note });
    },
    clear() {
      bar?.stop();
      bar = undefined;
    },
  };
}
