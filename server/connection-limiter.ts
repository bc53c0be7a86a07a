/** Who may come in: as many at once as the machine can hear, nobody once the server is leaving. */
export type ConnectionLimiter = {
  /** Why nobody more may come in; undefined where one may. */ readonly refusal: () => 'full' | 'draining' | undefined;
  /** Counts one in; the returned function counts it out, once. */ readonly enter: () => () => void;
  readonly inside: () => number;
  /** Resolves when nobody is inside. */ readonly emptied: () => Promise<void>;
  readonly shut: () => void;
};

/** When a refused client may try again. */
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
