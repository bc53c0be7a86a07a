/** When to try again after a lost connection. Times in milliseconds. */
export type Backoff = {
  /** Wait before the next try, or `undefined` once there have been too many without success. */
  readonly next: () => number | undefined;
  /** A connection worked: the next loss starts from the beginning. */ readonly reset: () => void;
};

const BASE_MS = 1_000;
const CAP_MS = 10_000;
const TRIES = 5;

/**
 * Doubles from 1 s to 10 s, five tries, each wait drawn from its upper half, so that the clients of a restarted server do
 * not come back all at once. `random` is uniform in [0, 1).
 */
export function createBackoff(random: () => number): Backoff {
  let tries = 0;
  return {
    next: () => {
      if (tries === TRIES) return undefined;
      const limit = Math.min(CAP_MS, BASE_MS * 2 ** tries);
      tries++;
      return (limit / 2) * (1 + random());
    },
    reset: () => {
      tries = 0;
    },
  };
}
