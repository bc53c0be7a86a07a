/** One stream inside the engine's thread: what it was asked for and not yet given, and where it stands. */
import type { Resampler } from '../../src/audio/resample.ts';
import { BinnedTrace } from '../../src/runtime/binned-trace.ts';
import type { StreamChunk } from '../../src/runtime/encode-chunks.ts';
import type { Engine } from '../../src/runtime/engine.ts';
import type { RecognitionEvent } from '../../src/runtime/event.ts';
import { restoreStream, snapshotStream } from '../../src/runtime/stream-snapshot.ts';
import { type StreamSettings, type StreamState, startStream } from '../../src/runtime/stream-state.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import { type Asked, createAskedQueue } from './asked-queue.ts';
import { laterBy } from './later-events.ts';
import type { Answer, OpenStream, StreamSnapshot } from './messages.ts';

/** The longest piece of a stream in one batch: bounds how long a fast uploader delays a live stream. */
const LONGEST_PIECE_SECONDS = 0.5;

/** A piece of a stream that goes into a batch. */
export type Piece<Chunk> = {
  readonly chunk: Chunk;
  /** Samples at the stream's own rate, or tokens. */ readonly sampleCount: number;
  /** Requests that are answered with it, in order. */ readonly completes: readonly number[];
  /** Answers that were due before it. */ readonly snapshots: readonly Answer[];
};

export type StreamWork<Chunk, State, Output> = {
  readonly state: () => State;
  readonly ask: (asked: Asked) => void;
  readonly isReady: () => boolean;
  /** The next piece; it has no samples and completes nothing where only snapshots were asked for. */
  readonly takePiece: () => Piece<Chunk>;
  /** Notes what became of the piece, and answers what it completed: its events go with the last answer. */
  readonly advanceTo: (state: State, output: Output, piece: Piece<Chunk>) => readonly Answer[];
  /** Every request without an answer, the piece's included. */
  readonly giveUp: (piece?: Piece<Chunk>) => readonly number[];
};

/** A stream of audio. */
export type SpeechWork = StreamWork<StreamChunk, StreamState, readonly RecognitionEvent[]>;

/** Throws as `restoreStream` and `Resampler.restore` do where it goes on from a snapshot. */
export function openStreamWork(engine: Engine, resampler: Resampler, open: OpenStream): SpeechWork {
  const { sampleRate, grammar, endpointing, attention = false, from } = open;
  const settings: StreamSettings = { grammar, decoder: 'joint', endpointing };
  const queue = createAskedQueue(Math.round(LONGEST_PIECE_SECONDS * sampleRate), (length) => new Float32Array(length));
  let state = from === undefined ? startStream(engine, settings) : restoreStream(engine, from.state);
  let trace = attention ? new BinnedTrace(engine, from?.trace) : undefined;
  let { samplesHeard = 0, samplesBefore = 0 } = from ?? {};
  if (from !== undefined) resampler.restore({ tail: from.resamplerTail, phase: from.resamplerPhase });
  let carried: readonly RecognitionEvent[] = []; // of a request that takes several pieces

  const snapshot = (): StreamSnapshot => {
    const { tail, phase } = resampler.snapshot();
    const bytes = snapshotStream(engine, state);
    return {
      state: bytes,
      resamplerTail: tail,
      resamplerPhase: phase,
      samplesHeard,
      samplesBefore,
      trace: trace?.snapshot(),
    };
  };

  return {
    state: () => state,
    ask: queue.put,
    isReady: () => !queue.isEmpty(),
    giveUp: (piece) => [...(piece?.completes ?? []), ...queue.clear()],
    takePiece: () => {
      const { samples, isLast, completes, snapshots: asked } = queue.take();
      const snapshots = asked.map((request) => ({ request, snapshot: snapshot() }));
      const heard = resampler.push(samples);
      const last = isLast ? { samples: concatenate([heard, resampler.flush()]), isLast } : { samples: heard };
      const chunk = { ...last, trace };
      return { chunk, sampleCount: samples.length, completes, snapshots };
    },
    advanceTo: (next, events, { chunk, sampleCount, completes }) => {
      const all = [...carried, ...laterBy(samplesBefore / sampleRate, events)];
      samplesHeard += sampleCount;
      state = next;
      if (chunk.isLast === true) {
        samplesBefore += samplesHeard;
        samplesHeard = 0;
        state = startStream(engine, settings);
        if (trace !== undefined) trace = new BinnedTrace(engine);
      }
      carried = completes.length === 0 ? all : [];
      return completes.map((request, index) => ({ request, events: index === completes.length - 1 ? all : [] }));
    },
  };
}
