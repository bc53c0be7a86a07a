/** A right to spend so much a minute, saved up for one minute at most. What was spent beyond it has to be waited for. */
export type TokenBucket = {
  readonly spend: (amount: number) => void;
  /** Seconds until `amount` can be spent without debt; 0 where it can be spent now. */
  readonly secondsUntil: (amount: number) => number;
  /** Whether it is as if nothing had ever been spent. */ readonly isFull: () => boolean;
};

/** `now` in milliseconds. */
export function createTokenBucket(perMinute: number, now: () => number): TokenBucket {
  const perMs = perMinute / 60_000;
  let level = perMinute;
  let at = now();
  const refill = (): void => {
    const later = now();
    level = Math.min(perMinute, level + (later - at) * perMs);
    at = later;
  };
  return {
    spend: (amount) => {
      refill();
      level -= amount;
    },
    secondsUntil: (amount) => {
      refill();
      return Math.max(0, (amount - level) / perMs / 1_000);
    },
    isFull: () => {
      refill();
      return level === perMinute;
    },
  };
}
