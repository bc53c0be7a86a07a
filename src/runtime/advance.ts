/**
 * The batching engine: many streams, each with a chunk of its own, advance together. Their vectors are encoded together,
 * all pending merges of all their memories share calls, and so do their reads; then each is searched for words alone.
 */
import { assertInteger } from '../errors.ts';
import { advanceMemories } from '../memory/advance.ts';
import type { AttentionTrace } from './attention-trace.ts';
import type { AudioVectors } from './audio-front.ts';
import { encodeTogether } from './encode-together.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './event.ts';
import { type HeardChunk, hear } from './hear.ts';
import type { StreamState } from './stream-state.ts';

export type StreamChunk = {
  /** The stream's next samples, in -1..1 at the model's rate, of any number. */ readonly samples: Float32Array;
  /** Whether the stream ends with them. */ readonly isLast?: boolean;
  /** Asks for attention events; the stream's own, given with every chunk of it from the first on. */
  readonly trace?: AttentionTrace | undefined;
};

export type StreamOutput = {
  readonly events: readonly RecognitionEvent[];
  /** Why this stream could not take its chunk; then its state is the one before, and there are no events. */
  readonly error?: unknown;
};

export type Advanced = { readonly states: readonly StreamState[]; readonly outputs: readonly StreamOutput[] };

/** A stream whose chunk has been turned into frames; `index` is its place in the call. */
type Listening = {
  readonly index: number;
  readonly state: StreamState;
  readonly chunk: StreamChunk;
  readonly audio: AudioVectors;
};

/**
 * Gives each stream its chunk; state, chunk and output i belong together. The given states stay as they are. What is
 * wrong with one stream is told in its output and harms no other. Rejects where the executor fails for all, or with the
 * reason of `signal`, which is looked at before each call of a cell; then all can go on from the states they had.
 */
export async function advance(
  engine: Engine,
  states: readonly StreamState[],
  chunks: readonly StreamChunk[],
  signal?: AbortSignal,
): Promise<Advanced> {
  assertInteger('chunks.length', chunks.length, states.length, states.length);
  signal?.throwIfAborted();
  const nextStates = [...states];
  const outputs = states.map((): StreamOutput => ({ events: [] }));
  const streams: Listening[] = [];
  for (const [index, state] of states.entries()) {
    const chunk = chunks[index] as StreamChunk; // as many as states
    try {
      streams.push({ index, state, chunk, audio: takeChunk(engine, state, chunk) });
    } catch (error) {
      outputs[index] = { events: [], error };
    }
  }
  for (const { index, heard } of await computeTogether(engine, streams, signal)) {
    try {
      const { state, events } = await hear(engine, heard, signal);
      nextStates[index] = state;
      outputs[index] = { events };
    } catch (error) {
      signal?.throwIfAborted();
      outputs[index] = { events: [], error };
    }
  }
  return { states: nextStates, outputs };
}

/** The chunk's vectors; a stream without a single sample has none. */
function takeChunk({ front }: Engine, { audio, memory }: StreamState, { samples, isLast }: StreamChunk): AudioVectors {
  const isEmpty = samples.length === 0 && front.samplesHeard(audio, memory.count) === 0;
  return isLast === true && !isEmpty ? front.end(audio, samples) : front.push(audio, samples);
}

/** Runs the model over all streams' new vectors. */
async function computeTogether(
  engine: Engine,
  streams: readonly Listening[],
  signal?: AbortSignal,
): Promise<{ index: number; heard: HeardChunk }[]> {
  const { executor, config, sizes } = engine;
  const encodings = await encodeTogether(
    executor,
    sizes,
    streams.map(({ state, audio }) => ({ states: state.encoder, frames: audio.frames })),
    signal,
  );
  const requests = streams.map(({ state, chunk }, stream) => {
    const { vectors, keys, values } = encodings[stream] as (typeof encodings)[number]; // one for each stream
    return { state: state.memory, chunk: { vectors, keys, values }, log: chunk.trace?.pooling };
  });
  const memories = await advanceMemories(executor, config.memory, requests, signal);
  return streams.map(({ index, state, chunk, audio }, stream) => ({
    index,
    heard: {
      before: state,
      audio,
      encoded: encodings[stream] as (typeof encodings)[number], // one for each stream, as are the memories
      memory: memories[stream] as (typeof memories)[number],
      isLast: chunk.isLast ?? false,
      secondsHeard:
        (engine.front.samplesHeard(state.audio, state.memory.count) + chunk.samples.length) /
        config.features.sampleRate,
      trace: chunk.trace,
    },
  }));
}
