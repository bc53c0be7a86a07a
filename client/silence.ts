/** Notices when nothing is heard of a peer: a connection may be dead without anybody saying so. */
export type SilenceWatch = {
  /** Notes that the server has sent something. */ readonly noteMessage: () => void;
  /** The peer says that something comes at least so often, or undefined where it promises nothing: then nobody watches. */
  readonly expect: (everySeconds: number | undefined) => void;
  readonly stop: () => void;
};

/** Parts of the time after which a silence counts, each of which has to pass while this process runs. */
const PARTS = 4;

/**
 * Calls `onSilence` once, with the milliseconds in which nothing was heard: `afterMs`, or twice what the peer promises where that is more. They are counted in quarters, so
 * that a process or a page that was itself suspended hears first what has come meanwhile.
 */
export function watchSilence(afterMs: number, onSilence: (milliseconds: number) => void): SilenceWatch {
  let quiet = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => clearInterval(timer);
  const start = (milliseconds: number): void => {
    stop();
    quiet = 0;
    timer = setInterval(() => {
      if (++quiet < PARTS) return;
      stop();
      onSilence(milliseconds);
    }, milliseconds / PARTS);
  };
  start(afterMs);
  return {
    noteMessage: () => {
      quiet = 0;
    },
    expect: (everySeconds) => {
      if (everySeconds === undefined) stop();
      else start(Math.max(afterMs, 2_000 * everySeconds));
    },
    stop,
  };
}
