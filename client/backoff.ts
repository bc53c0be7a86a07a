/** When to try again after a lost connection. Times in milliseconds. */
export type Backoff = {
  /** Milliseconds to wait before the next try, or `undefined` once there have been `most` in a row without success. */
  readonly next: (most: number) => number | undefined;
  /** Reports that a connection worked: the next loss starts from the shortest wait. */ readonly reset: () => void;
};

const BASE_MS = 1_000;
const CAP_MS = 10_000;

/**
 * Doubles from 1 s to 10 s, each wait drawn from its upper half, so that the clients of a restarted
 * server do not come back all at once. `random` is uniform in [0, 1).
 */
export function createBackoff(random: () => number): Backoff {
  let tried = 0;
  return {
    next: (most) => {
      if (tried >= most) return undefined;
      const limit = Math.min(CAP_MS, BASE_MS * 2 ** tried);
      tried++;
      return (limit / 2) * (1 + random());
    },
    reset: () => {
      tried = 0;
    },
  };
}
