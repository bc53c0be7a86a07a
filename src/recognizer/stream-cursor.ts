/**
 * Where a stream of audio stands: the model's state, the conversion of its rate, what attributes its words to the past, and how much
 * of it was settled before. Samples go in at the stream's own rate; events come out in the count of seconds of the whole stream.
 */
import { createResampler, type Resampler, resampleWith } from '../audio/resample.ts';
import { HearkenError } from '../errors.ts';
import type { Word } from '../text/word.ts';
import { AttentionTrace, BinnedTrace, type StreamAttention } from './attention-trace.ts';
import type { StreamCursor } from './batched-recognizer.ts';
import type { StreamChunk } from './encode.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './events.ts';
import type { StreamSnapshot } from './recognizer.ts';
import {
  restoreStream,
  settingsOf,
  snapshotStream,
  startStream,
  type StreamSettings,
  type StreamState,
} from './state.ts';
import type { StreamLineOptions } from './stream-line.ts';

/**
 * Whether and how a stream reports attention: `true` over single vectors, which keeps O(N) numbers beside the stream;
 * `binned` over bins of the past that are the longer the older they are, which keeps O(log N), with `memory` events a
 * few times a second.
 */
export type AttentionChoice = boolean | 'binned';

export type CursorOptions = {
  /** Sample rate of the samples that are pushed, in Hz. */ readonly sampleRate: number;
  readonly attention: AttentionChoice;
  /** The settings of a new stream, or a snapshot of one to go on from. */
  readonly begin: { readonly settings: StreamSettings } | { readonly from: StreamSnapshot };
  /** The most samples in one chunk. */ readonly longestPiece: number;
  readonly line: StreamLineOptions;
  readonly resampler: Resampler;
};

export type SpeechCursor = StreamCursor<
  Float32Array,
  StreamChunk,
  StreamState,
  readonly RecognitionEvent[],
  RecognitionEvent
>;

/**
 * Opens a stream at its beginning or from a snapshot. Throws `snapshot/...` where it cannot go on from a snapshot, and
 * `snapshot/options` where the snapshot is of a stream that was opened otherwise.
 */
export function openCursor(engine: Engine, options: CursorOptions): SpeechCursor {
  const { sampleRate, attention, begin, resampler } = options;
  const from = 'from' in begin ? begin.from : undefined;
  let state = 'from' in begin ? restoreStream(engine, begin.from.state) : startStream(engine, begin.settings);
  let trace = openTrace(engine, attention, from, state.memory.count > 0);
  let { samplesHeard = 0, samplesBefore = 0 } = from ?? {};
  if (from !== undefined) {
    assertRate(sampleRate, from.sampleRate);
    resampler.restore({ tail: from.resamplerTail, phase: from.resamplerPhase });
  }
  let underWay = { sampleCount: 0, isLast: false };
  return {
    longestPiece: options.longestPiece,
    line: options.line,
    state: () => state,
    next: (samples, isLast) => {
      underWay = { sampleCount: samples.length, isLast };
      const converted = isLast ? resampleWith(resampler, samples) : resampler.push(samples);
      return { samples: converted, isLast, trace };
    },
    advanceTo: (next, events) => {
      const all = shiftTimes(samplesBefore / sampleRate, events);
      samplesHeard += underWay.sampleCount;
      state = next;
      if (underWay.isLast) {
        samplesBefore += samplesHeard;
        samplesHeard = 0;
        state = startStream(engine, settingsOf(state).following);
        trace = openTrace(engine, attention, undefined, false);
      }
      return all;
    },
    change: (edit) => {
      state = edit(state);
    },
    snapshot: () => {
      if (attention === true) throw notInSnapshots();
      const { tail, phase } = resampler.snapshot();
      return {
        state: snapshotStream(engine, state),
        sampleRate,
        resamplerTail: tail,
        resamplerPhase: phase,
        samplesHeard,
        samplesBefore,
        trace: trace instanceof BinnedTrace ? trace.snapshot() : undefined,
      };
    },
  };
}

function openTrace(
  engine: Engine,
  attention: AttentionChoice,
  from: StreamSnapshot | undefined,
  hasBegun: boolean,
): StreamAttention | undefined {
  if (attention === false) return undefined;
  if (attention === true) {
    if (from !== undefined) throw notInSnapshots();
    return new AttentionTrace(engine);
  }
  if (from?.trace === undefined && hasBegun) {
    const expected = 'Expected a snapshot of a stream that told its attention in bins';
    throw new HearkenError('snapshot/options', `${expected}, got one of a stream that did not`);
  }
  return new BinnedTrace(engine, from?.trace);
}

function notInSnapshots(): HearkenError {
  const expected =
    "Expected a stream that goes on from a snapshot to tell its attention in bins ('binned') or not at all";
  return new HearkenError('snapshot/options', `${expected}, got attention to every vector, which no snapshot holds`);
}

function assertRate(sampleRate: number, ofSnapshot: number | undefined): void {
  if (ofSnapshot === undefined || ofSnapshot === sampleRate) return; // sessions of earlier servers keep the rate elsewhere
  const expected = `Expected \`sampleRate\` to be that of the snapshot's stream, ${ofSnapshot}`;
  throw new HearkenError('snapshot/options', `${expected}, got ${sampleRate}`);
}

type Span = { readonly start: number; readonly end: number };

/** `events` with all their times `seconds` later, for a stream that began anew in the middle of another. */
export function shiftTimes(seconds: number, events: readonly RecognitionEvent[]): readonly RecognitionEvent[] {
  if (seconds === 0) return events;
  const shifted = <T extends Span>(span: T): T => ({ ...span, start: span.start + seconds, end: span.end + seconds });
  const shiftedWords = (words: readonly Word[]): Word[] => words.map((word) => shifted(word));
  return events.map((event): RecognitionEvent => {
    if (event.type === 'endpoint' || event.type === 'no-input') return { ...event, time: event.time + seconds };
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

/** The most sample rates whose converter tables are kept, at most 8 MB each. */
const KEPT_RATES = 8;

/** Gives resamplers to `outputRate`; streams of one rate share its tables, which take long to make. */
export function createResamplers(outputRate: number): (inputRate: number) => Resampler {
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
