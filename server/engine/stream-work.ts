/** One stream inside the engine's thread: what it was asked for and not yet given, and where it stands. */
import type { Resampler } from '../../src/audio/resample.ts';
import type { StreamChunk } from '../../src/runtime/encode-chunks.ts';
import type { Engine } from '../../src/runtime/engine.ts';
import type { RecognitionEvent } from '../../src/runtime/event.ts';
import { restoreStream, snapshotStream } from '../../src/runtime/stream-snapshot.ts';
import { type StreamSettings, type StreamState, startStream } from '../../src/runtime/stream-state.ts';
import { laterBy } from './later-events.ts';
import type { Answer, OpenStream, StreamSnapshot } from './messages.ts';

/** The longest piece of a stream in one batch: bounds how long a fast uploader delays a live stream. */
export const LONGEST_PIECE_SECONDS = 0.5;

type Asked =
  | { readonly type: 'hear'; readonly request: number; readonly samples: Float32Array }
  | { readonly type: 'flush' | 'snapshot'; readonly request: number };

/** A piece of a stream that goes into a batch. `samples` are at the stream's own rate. */
export type Piece = {
  readonly chunk: StreamChunk;
  readonly sampleCount: number;
  /** Requests that are answered with it, in order. */ readonly completes: readonly number[];
};

export type StreamWork = {
  readonly state: () => StreamState;
  readonly ask: (asked: Asked) => void;
  readonly isReady: () => boolean;
  /** The next piece; where snapshots are all that was asked for, a piece without samples. */
  readonly takePiece: () => Piece;
  /** Snapshots that were due before the last piece. */ readonly takeSnapshots: () => readonly Answer[];
  /** Notes what became of the piece, and answers what it completed: the events go with the last answer. */
  readonly advanceTo: (state: StreamState, events: readonly RecognitionEvent[], piece: Piece) => readonly Answer[];
  /** Every request without an answer, the piece's included. */
  readonly giveUp: (piece?: Piece) => readonly number[];
};

/** Throws as `restoreStream` and `Resampler.restore` do where it goes on from a snapshot. */
export function openStreamWork(engine: Engine, resampler: Resampler, open: OpenStream): StreamWork {
  const { sampleRate, grammar, from } = open;
  const settings: StreamSettings = { grammar, decoder: 'joint' };
  const longestPiece = Math.round(LONGEST_PIECE_SECONDS * sampleRate);
  const queue: Asked[] = [];
  let state = from === undefined ? startStream(engine, settings) : restoreStream(engine, from.state);
  let { samplesHeard = 0, samplesBefore = 0 } = from ?? {};
  if (from !== undefined) resampler.restore({ tail: from.resamplerTail, phase: from.resamplerPhase });
  let headOffset = 0; // samples of the first request in the queue that have been taken
  let carried: readonly RecognitionEvent[] = []; // of a request that takes several pieces
  let snapshots: Answer[] = [];

  const snapshot = (): StreamSnapshot => {
    const { tail, phase } = resampler.snapshot();
    return {
      state: snapshotStream(engine, state),
      resamplerTail: tail,
      resamplerPhase: phase,
      samplesHeard,
      samplesBefore,
    };
  };

  return {
    state: () => state,
    ask: (asked) => queue.push(asked),
    isReady: () => queue.length > 0,
    takeSnapshots: () => {
      const due = snapshots;
      snapshots = [];
      return due;
    },
    takePiece: () => {
      const parts: Float32Array[] = [];
      const completes: number[] = [];
      let count = 0;
      let isLast = false;
      while (!isLast) {
        const [head] = queue;
        if (head === undefined) break;
        if (head.type === 'snapshot') {
          if (completes.length > 0 || count > 0) break; // it is of the moment after them
          snapshots.push({ request: head.request, snapshot: snapshot() });
        } else if (head.type === 'hear') {
          const part = head.samples.subarray(headOffset, headOffset + longestPiece - count);
          parts.push(part);
          count += part.length;
          headOffset += part.length;
          if (headOffset < head.samples.length) break; // the piece is full
          headOffset = 0;
          completes.push(head.request);
        } else {
          isLast = true;
          completes.push(head.request);
        }
        queue.shift();
      }
      const samples = resampler.push(concatenate(parts, count));
      const chunk = isLast ? { samples: concatenate([samples, resampler.flush()]), isLast } : { samples };
      return { chunk, sampleCount: count, completes };
    },
    advanceTo: (next, events, { chunk, sampleCount, completes }) => {
      const told = laterBy(samplesBefore / sampleRate, events);
      samplesHeard += sampleCount;
      state = next;
      if (chunk.isLast === true) {
        samplesBefore += samplesHeard;
        samplesHeard = 0;
        state = startStream(engine, settings);
      }
      const all = [...carried, ...told];
      carried = completes.length === 0 ? all : [];
      return completes.map((request, index) => ({ request, events: index === completes.length - 1 ? all : [] }));
    },
    giveUp: (piece) => {
      const left = [...(piece?.completes ?? []), ...queue.map(({ request }) => request)];
      queue.length = 0;
      return left;
    },
  };
}

function concatenate(parts: readonly Float32Array[], length?: number): Float32Array {
  const joined = new Float32Array(length ?? parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
