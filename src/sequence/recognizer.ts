/** Streams of symbols over one engine, advanced in batches. Events do not depend on how the symbols came. */
import { wrongType } from '../arguments.ts';
import {
  type BatchedRecognizer,
  type BatchingOptions,
  createBatchedRecognizer,
  type StreamCursor,
  type StreamKind,
} from '../recognizer/batched-recognizer.ts';
import type { StreamSnapshot } from '../recognizer/recognizer.ts';
import { MAXIMUM_QUEUED_TOKENS } from '../recognizer/stream-line.ts';
import { advanceSequences, type SequenceChunk, type SequenceOutput } from './advance.ts';
import type { SequenceAnswer } from './conclude.ts';
import type { SequenceEngine } from './engine.ts';
import { restoreSequence, type SequenceState, snapshotSequence, startSequence } from './stream.ts';

/** An output symbol, and at a flush the end of what was written. */
export type SequenceEvent =
  | {
      readonly type: 'symbol';
      /** Number of the symbol in its output, from 0. */ readonly index: number;
      readonly token: number;
      readonly symbol: string;
      /** Number, from 0, of the input symbol at which attention stopped; absent where it does not stop. */
      readonly position?: number;
    }
  | ({
      /** Of a model that says something of the whole, at a flush. */ readonly type: 'answer';
    } & SequenceAnswer)
  | {
      readonly type: 'end';
      /** Symbols that went in since the flush before. */ readonly inputs: number;
      /** Symbols that were written about them. */ readonly outputs: number;
    };

export type OpenSequenceOptions = {
  /** Snapshot of a stream of this model; the new stream goes on from there. */
  readonly from?: StreamSnapshot | undefined;
};

type Cursor = StreamCursor<Int32Array, SequenceChunk, SequenceState, SequenceOutput, SequenceEvent>;
type Kind = StreamKind<OpenSequenceOptions, Int32Array, SequenceChunk, SequenceState, SequenceOutput, SequenceEvent>;

export type SequenceRecognizer = BatchedRecognizer<OpenSequenceOptions, Int32Array, SequenceEvent>;

/** The most symbols of one stream in a batch. */
const LONGEST_PIECE = 1_024;

/** Makes a recognizer of streams of symbols. Throws `option/out-of-range`; its streams throw `snapshot/...`. */
export function createSequenceRecognizer(engine: SequenceEngine, options: BatchingOptions): SequenceRecognizer {
  const kind: Kind = {
    open: ({ from }) => openCursor(engine, from),
    emptySamples: (length) => new Int32Array(length),
    assertSamples: (chunk) => {
      if (!(chunk instanceof Int32Array)) throw wrongType('every chunk', 'ids of symbols (Int32Array)', chunk);
    },
    advance: (states, chunks, signal) => advanceSequences(engine, states, chunks, signal),
    memoryLevels: ({ memory }) => memory.levels.length,
    audioSeconds: () => 0,
  };
  return createBatchedRecognizer(kind, options);
}

function openCursor(engine: SequenceEngine, from: StreamSnapshot | undefined): Cursor {
  let state = from === undefined ? startSequence(engine) : restoreSequence(engine, from.state);
  let underWay = { ids: 0, isLast: false };
  return {
    longestPiece: LONGEST_PIECE,
    line: { capacity: MAXIMUM_QUEUED_TOKENS, roomBelow: 1 },
    state: () => state,
    next: (ids, isLast) => {
      underWay = { ids: ids.length, isLast };
      return { ids, isLast };
    },
    advanceTo: (next, { symbols, answer }) => {
      const inputs = state.count + underWay.ids;
      const before = state.written.count;
      const written = symbols.map(
        ({ token, position }, index): SequenceEvent => ({
          type: 'symbol',
          index: before + index,
          token,
          symbol: engine.output?.nameOf(token) ?? '',
          ...(position === undefined ? {} : { position }),
        }),
      );
      state = next;
      const events: SequenceEvent[] = answer === undefined ? written : [...written, { type: 'answer', ...answer }];
      return underWay.isLast ? [...events, { type: 'end', inputs, outputs: before + symbols.length }] : events;
    },
    snapshot: () => ({
      state: snapshotSequence(engine, state),
      resamplerTail: new Float32Array(0), // symbols have no rate
      resamplerPhase: 0,
      samplesHeard: state.count,
      samplesBefore: 0,
    }),
  };
}
