/** The two kinds of streams that models hear. */
import { type Resampler, createResampler } from '../../src/audio/resample.ts';
import { advance } from '../../src/recognizer/advance.ts';
import { BinnedTrace } from '../../src/recognizer/attention-trace.ts';
import type { StreamChunk } from '../../src/recognizer/encode.ts';
import type { Engine } from '../../src/recognizer/engine.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import {
  type StreamState,
  restoreStream,
  snapshotStream,
  type StreamSettings,
  startStream,
} from '../../src/recognizer/state.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';
import type { Word } from '../../src/text/word.ts';
import {
  advanceTokens,
  startTokens,
  type TokenEncoding,
  type TokenEngine,
  type TokenState,
} from '../../src/tokens/stream.ts';
import type { OpenStream, OpenTokens, Answer, StreamSnapshot } from './protocol.ts';
import { type StreamRequest, createRequestQueue } from './request-queue.ts';
import type { Outcome, StreamKind } from './scheduler.ts';
import { openTokenWork, type TokenChunk } from './token-streams.ts';

export function speechStreams(
  engine: Engine,
): StreamKind<OpenStream, StreamChunk, StreamState, readonly RecognitionEvent[]> {
  const { sampleRate } = engine.config.features;
  const resamplerFrom = createResamplers(sampleRate);
  return {
    open: (open) => openStreamWork(engine, resamplerFrom(open.sampleRate), open),
    advance: async (states, chunks) => {
      const advanced = await advance(engine, states, chunks);
      return advanced.outputs.map(({ events, error }, index) =>
        // A state for each output.
        error === undefined ? { state: advanced.states[index] as StreamState, output: events } : { error },
      );
    },
    memoryLevels: ({ memory }) => memory.levels.length,
    audioSeconds: ({ samples }) => samples.length / sampleRate,
  };
}

type TokenStreams = StreamKind<OpenTokens, TokenChunk, TokenState, TokenEncoding | undefined>;
type TokenOutcome = Outcome<TokenState, TokenEncoding | undefined>;

export async function tokenStreams(engine: TokenEngine): Promise<TokenStreams> {
  const start = await startTokens(engine);
  return {
    open: (open) => openTokenWork(engine, start, open),
    advance: async (states, chunks) => {
      const tokens = chunks.map((chunk) => chunk.tokens);
      const isAdvancing = tokens.map(({ length }) => length > 0); // a flush may come alone
      const only = <T>(all: readonly T[]): T[] => all.filter((_, index) => isAdvancing[index]);
      const advanced = (await advanceTokens(engine, only(states), only(tokens))).values();
      return states.map((state, index): TokenOutcome => {
        const outcome = isAdvancing[index] ? advanced.next().value : undefined;
        if (outcome === undefined) return { state, output: undefined };
        return 'error' in outcome ? outcome : { state: outcome.state, output: outcome.encoding };
      });
    },
    memoryLevels: ({ memory }) => memory.levels.length,
    audioSeconds: () => 0,
  };
}

/* One stream inside the engine's thread: what it was asked for and not yet given, and where it stands. */

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
  readonly ask: (requested: StreamRequest) => void;
  readonly isReady: () => boolean;
  /** The next piece; it has no samples and completes nothing where only snapshots were asked for. */
  readonly takePiece: () => Piece<Chunk>;
  /** Notes what became of the piece, and answers what it completed: its events go with the last answer. */
  readonly advanceTo: (state: State, output: Output, piece: Piece<Chunk>) => readonly Answer[];
  /** Every request without an answer, the piece's included. */
  readonly abandon: (piece?: Piece<Chunk>) => readonly number[];
};

/** A stream of audio. */
type SpeechWork = StreamWork<StreamChunk, StreamState, readonly RecognitionEvent[]>;

/** Throws as `restoreStream` and `Resampler.restore` do where it goes on from a snapshot. */
function openStreamWork(engine: Engine, resampler: Resampler, open: OpenStream): SpeechWork {
  const { sampleRate, grammar, endpointing, attention = false, from } = open;
  const settings: StreamSettings = { grammar, decoder: 'joint', endpointing };
  const queue = createRequestQueue(
    Math.round(LONGEST_PIECE_SECONDS * sampleRate),
    (length) => new Float32Array(length),
  );
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
    abandon: (piece) => [...(piece?.completes ?? []), ...queue.clear()],
    takePiece: () => {
      const { samples, isLast, completes, snapshots: requested } = queue.take();
      const snapshots = requested.map((request) => ({ request, snapshot: snapshot() }));
      const heard = resampler.push(samples);
      const last = isLast ? { samples: concatenate([heard, resampler.flush()]), isLast } : { samples: heard };
      const chunk = { ...last, trace };
      return { chunk, sampleCount: samples.length, completes, snapshots };
    },
    advanceTo: (next, events, { chunk, sampleCount, completes }) => {
      const all = [...carried, ...shiftTimes(samplesBefore / sampleRate, events)];
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

type Span = { readonly start: number; readonly end: number };

/** The same events `seconds` later: of a stream that began anew in the middle of another. */
export function shiftTimes(seconds: number, events: readonly RecognitionEvent[]): readonly RecognitionEvent[] {
  if (seconds === 0) return events;
  const shifted = <T extends Span>(span: T): T => ({ ...span, start: span.start + seconds, end: span.end + seconds });
  const shiftedWords = (words: readonly Word[]): Word[] => words.map((word) => shifted(word));
  return events.map((event): RecognitionEvent => {
    if (event.type === 'endpoint') return { ...event, time: event.time + seconds };
    if (event.type === 'final') return { ...shifted(event), words: shiftedWords(event.words) };
    if (event.type === 'partial') return { ...event, words: shiftedWords(event.words) };
    if (event.type === 'memory')
      return { ...event, time: event.time + seconds, roots: event.roots.map((root) => shifted(root)) };
    if (event.type === 'binned-attention') {
      const edges = event.edges.map((edge) => edge + seconds);
      return { ...event, edges, words: event.words.map((word) => shifted(word)) };
    }
    return { ...event, words: event.words.map((word) => shifted(word)) };
  });
}

/** Rates whose tables are kept, at most 8 MB each. */
const KEPT_RATES = 8;

/** Gives resamplers to `outputRate`; streams of one rate share its tables, which take long to make. */
function createResamplers(outputRate: number): (inputRate: number) => Resampler {
  const kept = new Map<number, Resampler>(); // the rate that was used last is the last
  return (inputRate) => {
    const resampler = kept.get(inputRate) ?? createResampler({ inputRate, outputRate });
    kept.delete(inputRate);
    kept.set(inputRate, resampler);
    const [oldest] = kept.keys();
    if (kept.size > KEPT_RATES && oldest !== undefined) kept.delete(oldest);
    return resampler.fork();
  };
}
