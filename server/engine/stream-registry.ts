/** Which streams are open, and which have failed and why: whatever is asked of those later fails alike. */
import { HearkenError } from '../../src/errors.ts';

export type StreamRegistry<Work extends object> = {
  readonly count: () => number;
  readonly add: (stream: number, work: Work) => void;
  readonly get: (stream: number) => Work | undefined;
  /** Whether it is open still. */ readonly has: (work: Work) => boolean;
  /** Closes a stream because of `error`, also one that could never be opened. */
  readonly fail: (stream: number | Work, error: unknown) => void;
  /** Why a stream is not open. */ readonly failureOf: (stream: number) => unknown;
  /** Forgets a stream; gives what was open of it. */ readonly remove: (stream: number) => Work | undefined;
};

export function createStreamRegistry<Work extends object>(): StreamRegistry<Work> {
  const streams = new Map<number, Work>();
  const numberOf = new Map<Work, number>();
  const failed = new Map<number, unknown>();
  const close = (stream: number): Work | undefined => {
    const work = streams.get(stream);
    streams.delete(stream);
    if (work !== undefined) numberOf.delete(work);
    return work;
  };
  return {
    count: () => streams.size,
    add: (stream, work) => {
      streams.set(stream, work);
      numberOf.set(work, stream);
    },
    get: (stream) => streams.get(stream),
    has: (work) => numberOf.has(work),
    fail: (which, error) => {
      const stream = typeof which === 'number' ? which : numberOf.get(which);
      if (stream === undefined) return;
      close(stream);
      failed.set(stream, error);
    },
    failureOf: (stream) =>
      failed.get(stream) ?? new HearkenError('stream/closed', `Expected an open stream, got ${stream}`),
    remove: (stream) => {
      failed.delete(stream);
      return close(stream);
    },
  };
}
