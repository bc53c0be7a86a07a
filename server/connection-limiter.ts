/** Admits as many connections at once as the machine can serve, and none once the server is draining. */
export type ConnectionLimiter = {
  /** Why no more connection is admitted; undefined where one is. */
  readonly refusal: () => 'full' | 'draining' | undefined;
  /** Counts a connection in; the returned function counts it out, once. */ readonly enter: () => () => void;
  readonly inside: () => number;
  /** Resolves when no connection is counted in. */ readonly emptied: () => Promise<void>;
  readonly shut: () => void;
};

/** Seconds after which a refused client may try again. */
export const RETRY_AFTER_SECONDS = 5;

export function createConnectionLimiter(maximum: number): ConnectionLimiter {
  let inside = 0;
  let isShut = false;
  let wake: (() => void)[] = [];
  return {
    refusal: () => {
      if (isShut) return 'draining';
      return inside >= maximum ? 'full' : undefined;
    },
    enter: () => {
      inside++;
      let isInside = true;
      return () => {
        if (!isInside) return;
        isInside = false;
        inside--;
        if (inside > 0) return;
        for (const each of wake) each();
        wake = [];
      };
    },
    inside: () => inside,
    emptied: () => (inside === 0 ? Promise.resolve() : new Promise((resolve) => wake.push(resolve))),
    shut: () => {
      isShut = true;
    },
  };
}
