import { HearkenError } from '../errors.ts';
import { createBoundedQueue } from '../queue/bounded-queue.ts';

/** Audio that a stream may be given without an answer before it must wait for room. */
export const MAXIMUM_QUEUED_SECONDS = 4;
/** The most tokens of a stream that wait to be recognized. */
export const MAXIMUM_QUEUED_TOKENS: number = 1 << 14;
/** Requests of a stream without an answer: chunks may hold no sample at all, so each counts as a part of the capacity at least. */
const MAXIMUM_REQUESTS = 256;

/** Counts what a stream has been given and has not answered yet; the items stay with whoever works on them. */
export type StreamLine = {
  /** Resolves when one more chunk may be given, at once where there is room, or once the line is closed. Never rejects. */
  readonly room: () => Promise<void>;
  /** Samples, or tokens, without an answer; a request counts as a 256th of the capacity at least. */
  readonly samples: () => number;
  /** Throws `stream/overflow` where a chunk is given although there is no room for it. */
  readonly assertRoom: () => void;
  /** Counts a request in; the returned function counts out the one that has waited longest. */
  readonly enter: (samples: number) => () => void;
  /** Nothing waits any more. */ readonly close: () => void;
};

export type StreamLineOptions = {
  /** Samples, or tokens, without an answer beyond which a chunk is refused. */ readonly capacity: number;
  /** Below how many of them there is room: 1 where each chunk waits for the one before. Default `capacity`. */
  readonly roomBelow?: number;
};

export function createStreamLine({ capacity, roomBelow = capacity }: StreamLineOptions): StreamLine {
  const counts = createBoundedQueue<number>({
    policy: 'block',
    capacity: roomBelow,
    sizeOf: (count) => Math.max(count, capacity / MAXIMUM_REQUESTS),
  });
  return {
    room: counts.room,
    samples: () => counts.gauge.fill,
    assertRoom: () => {
      if (counts.gauge.fill < capacity) return;
      const expected = `Expected at most ${capacity} samples and ${MAXIMUM_REQUESTS} chunks in line`;
      throw new HearkenError('stream/overflow', `${expected}, got more without a wait for room()`);
    },
    enter: (samples) => {
      counts.put(samples);
      return () => void counts.take();
    },
    close: counts.close,
  };
}

export function closedError(): HearkenError {
  return new HearkenError('stream/closed', 'Expected an open stream, got a closed one');
}
