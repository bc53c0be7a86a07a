/** Who may come in: as many at once as the machine can hear, nobody once the server is leaving. */
export type Gate = {
  /** Why nobody more may come in; undefined where one may. */ readonly refusal: () => 'full' | 'draining' | undefined;
  /** Counts one in; the returned function counts it out, once. */ readonly enter: () => () => void;
  readonly inside: () => number;
  readonly shut: () => void;
};

/** When a refused client may try again. */
export const RETRY_AFTER_SECONDS = 5;

export function createGate(maximum: number): Gate {
  let inside = 0;
  let isShut = false;
  return {
    refusal: () => {
      if (isShut) return 'draining';
      return inside >= maximum ? 'full' : undefined;
    },
    enter: () => {
      inside++;
      let isInside = true;
      return () => {
        if (isInside) inside--;
        isInside = false;
      };
    },
    inside: () => inside,
    shut: () => {
      isShut = true;
    },
  };
}
