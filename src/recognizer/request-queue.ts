/** What a stream was asked for and has not been given: samples to take, flushes, snapshots, changes, in their order. */
import { createBoundedQueue } from '../queue/bounded-queue.ts';
import type { StreamSnapshot } from './recognizer.ts';

/** Samples in -1..1, or ids of tokens. */
export type StreamSamples = Float32Array | Int32Array;

/** Functions that settle the promise of a request. */
export type Asker<Answer> = {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

export type StreamRequest<Samples, Event> =
  | { readonly type: 'push'; readonly asker: Asker<readonly Event[]>; readonly samples: Samples }
  | { readonly type: 'flush'; readonly asker: Asker<readonly Event[]> }
  | RequestBetween;

/** Something of the moment between two pieces. */
type RequestBetween =
  | { readonly type: 'snapshot'; readonly asker: Asker<StreamSnapshot> }
  /** `run` makes the change and answers. */
  | { readonly type: 'change'; readonly asker: Asker<void>; readonly run: () => void };

/** A piece of the queue for one batch. */
export type TakenPiece<Samples, Event> = {
  readonly samples: Samples;
  /** Whether a flush follows the samples. */ readonly isLast: boolean;
  /** Whose requests end with the piece. */ readonly completes: readonly Asker<readonly Event[]>[];
  /** What was asked of the moment before the piece. */ readonly between: readonly RequestBetween[];
};

export type RequestQueue<Samples, Event> = {
  readonly put: (request: StreamRequest<Samples, Event>) => void;
  readonly isEmpty: () => boolean;
  /** Takes at most `longestPiece` samples, and at most one flush, at their end. */ readonly take: () => TakenPiece<
    Samples,
    Event
  >;
  /** Empties the queue; whoever waited in it. */
  readonly clear: () => readonly Pick<Asker<never>, 'reject'>[];
};

/** `emptySamples(length)` is a new array of the kind that the stream takes. */
export function createRequestQueue<Samples extends StreamSamples, Event>(
  longestPiece: number,
  emptySamples: (length: number) => Samples,
): RequestQueue<Samples, Event> {
  type Request = StreamRequest<Samples, Event>;
  // Whoever asks is held back by `StreamLine`; here everything that was let in finds room.
  const queue = createBoundedQueue<Request>({ policy: 'block', capacity: Number.MAX_SAFE_INTEGER });
  let head: Request | undefined; // taken from the queue, but not whole
  let headOffset = 0; // samples of it that have been taken

  const take = (): TakenPiece<Samples, Event> => {
    const parts: StreamSamples[] = [];
    const completes: Asker<readonly Event[]>[] = [];
    const between: RequestBetween[] = [];
    let count = 0;
    let isLast = false;
    while (!isLast) {
      head ??= queue.take();
      if (head === undefined) break;
      if (head.type === 'snapshot' || head.type === 'change') {
        if (completes.length > 0 || count > 0) break; // it is of the moment after them
        between.push(head);
      } else {
        if (head.type === 'push') {
          const part = head.samples.subarray(headOffset, headOffset + longestPiece - count);
          parts.push(part);
          count += part.length;
          headOffset += part.length;
          if (headOffset < head.samples.length) break; // the piece is full
          headOffset = 0;
        } else isLast = true;
        completes.push(head.asker);
      }
      head = undefined;
    }
    return { samples: join(parts, emptySamples), isLast, completes, between };
  };

  return {
    put: queue.put,
    isEmpty: () => head === undefined && queue.gauge.fill === 0,
    take,
    clear: () => {
      const askers: Pick<Asker<never>, 'reject'>[] = [];
      for (head ??= queue.take(); head !== undefined; head = queue.take()) askers.push(head.asker);
      return askers;
    },
  };
}

function join<Samples extends StreamSamples>(
  parts: readonly StreamSamples[],
  emptySamples: (length: number) => Samples,
): Samples {
  const joined = emptySamples(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
