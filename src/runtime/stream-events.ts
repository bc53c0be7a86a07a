import type { Grammar } from '../text/vocabulary.ts';
import { advance } from './advance.ts';
import { AttentionTrace } from './attention-trace.ts';
import type { StreamChunk } from './encode-chunks.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './event.ts';
import type { DecoderChoice } from './settle-utterance.ts';
import type { StreamTrace } from './stream-trace.ts';
import { BinnedTrace } from './binned-trace.ts';
import { type AudioChunks, streamChunks } from './stream-chunks.ts';
import { type StreamState, startStream } from './stream-state.ts';

export type StreamEventsOptions = {
  readonly grammar: Grammar;
  readonly sampleRate?: number;
  readonly decoder?: DecoderChoice;
  readonly attention?: AttentionChoice;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Whether and how a stream tells what its words rest on: to the vector, which keeps O(N) beside it; or in bins of the past that
 * are the longer the older they are, which keeps O(log N), with pictures of the memory a few times a second.
 */
export type AttentionChoice = boolean | 'binned';

function openTrace(engine: Engine, choice: AttentionChoice): StreamTrace | undefined {
  if (choice === false) return undefined;
  return choice === 'binned' ? new BinnedTrace(engine) : new AttentionTrace(engine);
}

/** The events of one stream, from its first sample to its end. */
export async function* streamEvents(
  engine: Engine,
  chunks: AudioChunks,
  options: StreamEventsOptions,
): AsyncGenerator<RecognitionEvent, void, undefined> {
  const { grammar, decoder = 'joint', attention = false, signal } = options;
  const { sampleRate: outputRate } = engine.config.features;
  const rates = { inputRate: options.sampleRate ?? outputRate, outputRate };
  const trace = openTrace(engine, attention);
  let state = startStream(engine, { grammar, decoder });
  for await (const chunk of streamChunks(chunks, rates, signal)) {
    const [next, events] = await advanceOne(engine, state, { ...chunk, trace }, signal);
    state = next;
    yield* events;
  }
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
