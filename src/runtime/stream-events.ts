import { createResampler } from '../audio/resample.ts';
import type { Grammar } from '../text/vocabulary.ts';
import { abortable } from './abortable.ts';
import { advance, type StreamChunk } from './advance.ts';
import { AttentionTrace } from './attention-trace.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './event.ts';
import type { DecoderChoice } from './settle-utterance.ts';
import { type StreamState, startStream } from './stream-state.ts';

/** Samples of one channel in -1..1, in chunks of any size. */
export type AudioChunks = AsyncIterable<Float32Array> | Iterable<Float32Array>;

export type StreamEventsOptions = {
  readonly grammar: Grammar;
  readonly sampleRate?: number;
  readonly decoder?: DecoderChoice;
  readonly attention?: boolean;
  readonly signal?: AbortSignal | undefined;
};

/** The longest piece that the model computes at once: bounds memory, and how long an abort takes. */
const LONGEST_PIECE_SECONDS = 2;

/** The events of one stream, from its first sample to its end. */
export async function* streamEvents(
  engine: Engine,
  chunks: AudioChunks,
  options: StreamEventsOptions,
): AsyncGenerator<RecognitionEvent, void, undefined> {
  const { grammar, decoder = 'joint', attention = false, signal } = options;
  const { sampleRate } = engine.config.features;
  const resampler = createResampler({ inputRate: options.sampleRate ?? sampleRate, outputRate: sampleRate });
  const trace = attention ? new AttentionTrace() : undefined;
  let state = startStream(engine, { grammar, decoder });

  const step = async (chunk: StreamChunk): Promise<readonly RecognitionEvent[]> => {
    const [next, events] = await advanceOne(engine, state, { ...chunk, trace }, signal);
    state = next;
    return events;
  };
  for await (const chunk of abortable(chunks, signal)) {
    for (const piece of pieces(chunk, LONGEST_PIECE_SECONDS * (options.sampleRate ?? sampleRate))) {
      yield* await step({ samples: resampler.push(piece) });
    }
  }
  yield* await step({ samples: resampler.flush(), isLast: true });
}

/** `advance` for a stream alone. */
export async function advanceOne(
  engine: Engine,
  state: StreamState,
  chunk: StreamChunk,
  signal?: AbortSignal,
): Promise<readonly [StreamState, readonly RecognitionEvent[]]> {
  const { states, outputs } = await advance(engine, [state], [chunk], signal);
  const [output] = outputs;
  if (output?.error !== undefined) throw output.error;
  return [states[0] ?? state, output?.events ?? []];
}

function* pieces(samples: Float32Array, longest: number): Generator<Float32Array> {
  for (let start = 0; start < samples.length; start += longest) yield samples.subarray(start, start + longest);
}
