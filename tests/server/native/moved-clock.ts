/** A clock that tests move on, so that a silence of seconds takes none. Client, proxy and server have to be of this process. */
import { onTestFinished, vi } from 'vitest';

/** Of the native `setImmediate`, however the clock stands: each lets what lies in a socket be read. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Enough for a message from a client through a proxy to a server and back. */
const TURNS = 20;
const STEP_MS = 250;

export type MovedClock = {
  /** So many milliseconds pass, in steps within which everybody reads what he was told. */
  readonly pass: (milliseconds: number) => Promise<void>;
  /** Time passes until `isSo`. */ readonly passUntil: (isSo: () => boolean) => Promise<void>;
};

/**
 * From now on until the test is over timers and `performance.now` go by a clock that can be moved on; it goes on by itself too,
 * unless it `standsStill`: then no slowness of the machine makes anybody impatient.
 */
export function moveClock({ standsStill = false }: { readonly standsStill?: boolean } = {}): MovedClock {
  vi.useFakeTimers({
    shouldAdvanceTime: !standsStill,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'],
  });
  onTestFinished(() => void vi.useRealTimers());
  const step = async (milliseconds: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  };
  return {
    pass: async (milliseconds) => {
      for (let left = milliseconds; left > 0; left -= STEP_MS) await step(Math.min(left, STEP_MS));
    },
    passUntil: async (isSo) => {
      while (!isSo()) await step(STEP_MS);
    },
  };
}
