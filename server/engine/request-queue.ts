import { createBoundedQueue } from '../../src/queue/bounded-queue.ts';

/** Samples, or ids of tokens. */
export type StreamSamples = Float32Array | Int32Array;

/** What a stream was asked for and has not been given: samples to hear, flushes, snapshots, in their order. */
export type StreamRequest =
  | { readonly type: 'push'; readonly request: number; readonly samples: StreamSamples }
  | { readonly type: 'flush' | 'snapshot'; readonly request: number };

/** What the queue gives up for one batch. */
export type TakenPiece<T extends StreamSamples> = {
  readonly samples: T;
  /** Whether a flush follows the samples. */ readonly isLast: boolean;
  /** Requests that end with the piece. */ readonly completes: readonly number[];
  /** Requests for a snapshot of the moment before it. */ readonly snapshots: readonly number[];
};

export type RequestQueue<T extends StreamSamples> = {
  readonly put: (request: StreamRequest) => void;
  readonly isEmpty: () => boolean;
  /** At most `longestPiece` samples, and at most one flush, at their end. */ readonly take: () => TakenPiece<T>;
  /** Empties the queue; the requests that were in it. */ readonly clear: () => readonly number[];
};

/** `room(length)` is a new array of the kind that the stream takes. */
export function createRequestQueue<T extends StreamSamples>(
  longestPiece: number,
  room: (length: number) => T,
): RequestQueue<T> {
  // Who asks is bounded on the other side, by `RemoteStream`; here everything that was let in finds room.
  const queue = createBoundedQueue<StreamRequest>({ policy: 'block', capacity: Number.MAX_SAFE_INTEGER });
  let head: StreamRequest | undefined; // taken from the queue, but not whole
  let headOffset = 0; // samples of it that have been taken

  const take = (): TakenPiece<T> => {
    const parts: StreamSamples[] = [];
    const completes: number[] = [];
    const snapshots: number[] = [];
    let count = 0;
    let isLast = false;
    while (!isLast) {
      head ??= queue.take();
      if (head === undefined) break;
      if (head.type === 'snapshot') {
        if (completes.length > 0 || count > 0) break; // it is of the moment after them
        snapshots.push(head.request);
      } else {
        if (head.type === 'push') {
          const part = head.samples.subarray(headOffset, headOffset + longestPiece - count);
          parts.push(part);
          count += part.length;
          headOffset += part.length;
          if (headOffset < head.samples.length) break; // the piece is full
          headOffset = 0;
        } else isLast = true;
        completes.push(head.request);
      }
      head = undefined;
    }
    return { samples: join(parts, room), isLast, completes, snapshots };
  };

  return {
    put: queue.put,
    isEmpty: () => head === undefined && queue.gauge.fill === 0,
    take,
    clear: () => {
      const requests: number[] = [];
      for (head ??= queue.take(); head !== undefined; head = queue.take()) requests.push(head.request);
      return requests;
    },
  };
}

function join<T extends StreamSamples>(parts: readonly StreamSamples[], room: (length: number) => T): T {
  const joined = room(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
