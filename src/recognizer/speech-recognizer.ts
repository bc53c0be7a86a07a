/** Streams of audio over one engine, advanced in batches: under a model of this process, and under the server's thread alike. */
import { advance } from './advance.ts';
import {
  type BatchedRecognizer,
  type BatchingOptions,
  type ChangeableStream,
  createBatchedRecognizer,
  type Outcome,
  type StreamKind,
} from './batched-recognizer.ts';
import type { StreamChunk } from './encode.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './events.ts';
import type { StreamState } from './state.ts';
import { assertSamples } from './stream.ts';
import { MAXIMUM_QUEUED_SECONDS } from './stream-line.ts';
import { createResamplers, type CursorOptions, openCursor } from './stream-cursor.ts';

export type SpeechOptions = Pick<CursorOptions, 'sampleRate' | 'attention' | 'begin'>;

export type SpeechRecognizer = BatchedRecognizer<
  SpeechOptions,
  Float32Array,
  RecognitionEvent,
  ChangeableStream<Float32Array, RecognitionEvent, StreamState>
>;

export type SpeechRecognizerOptions = BatchingOptions & {
  /** Audio of one stream in a batch at most: bounds how long it delays the others. */ readonly longestPieceSeconds: number;
  /** Whether a stream has room while something of it waits; otherwise each chunk waits for the one before. */
  readonly readsAhead: boolean;
};

type SpeechKind = StreamKind<
  SpeechOptions,
  Float32Array,
  StreamChunk,
  StreamState,
  readonly RecognitionEvent[],
  RecognitionEvent
>;

/** Throws `option/out-of-range`. Its streams throw as `openCursor` does. */
export function createSpeechRecognizer(engine: Engine, options: SpeechRecognizerOptions): SpeechRecognizer {
  return createBatchedRecognizer(speechKind(engine, options), options);
}

function speechKind(engine: Engine, { longestPieceSeconds, readsAhead }: SpeechRecognizerOptions): SpeechKind {
  const { sampleRate: modelRate } = engine.config.features;
  const resamplerFrom = createResamplers(modelRate);
  return {
    open: (open) =>
      openCursor(engine, {
        ...open,
        longestPiece: Math.round(longestPieceSeconds * open.sampleRate),
        line: { capacity: MAXIMUM_QUEUED_SECONDS * open.sampleRate, ...(readsAhead ? {} : { roomBelow: 1 }) },
        resampler: resamplerFrom(open.sampleRate),
      }),
    emptySamples: (length) => new Float32Array(length),
    assertSamples,
    advance: async (states, chunks, signal) => {
      const advanced = await advance(engine, states, chunks, signal);
      return advanced.outputs.map(
        ({ events, error }, index): Outcome<StreamState, readonly RecognitionEvent[]> =>
          // A state for each output.
          error === undefined ? { state: advanced.states[index]!, output: events } : { error },
      );
    },
    memoryLevels: ({ memory }) => memory.levels.length,
    audioSeconds: ({ samples }) => samples.length / modelRate,
  };
}
