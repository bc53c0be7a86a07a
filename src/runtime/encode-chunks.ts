/** The first half of an advance: chunks of many streams become vectors, taken into their memories and read there. */
import { advanceMemories, type MemoryAdvance } from '../memory/advance.ts';
import type { AudioVectors } from './audio-front.ts';
import { type Encoded, encodeTogether } from './encode-together.ts';
import type { Engine } from './engine.ts';
import type { StreamState } from './stream-state.ts';
import type { StreamTrace } from './stream-trace.ts';

export type StreamChunk = {
  /** The stream's next samples, in -1..1 at the model's rate, of any number. */ readonly samples: Float32Array;
  /** Whether the stream ends with them. */ readonly isLast?: boolean;
  /** Asks for attention events; the stream's own, given with every chunk of it from the first on. */
  readonly trace?: StreamTrace | undefined;
};

/** What a stream's vectors depend on: not on what may be said in it. */
export type EncodeState = Pick<StreamState, 'audio' | 'encoder' | 'memory'>;

/** A chunk that has been turned into frames. */
export type FramedChunk = {
  readonly state: EncodeState;
  readonly chunk: StreamChunk;
  readonly audio: AudioVectors;
};

/** What the model made of a chunk; plain data. */
export type EncodedChunk = {
  readonly audio: AudioVectors;
  readonly encoded: Encoded;
  readonly memory: MemoryAdvance;
  readonly isLast: boolean;
  /** Of the stream, the chunk included. */ readonly secondsHeard: number;
};

/** The chunk's frames; a stream without a single sample has none. Throws `audio/non-finite-sample`. */
export function frameChunk({ front }: Engine, state: EncodeState, chunk: StreamChunk): FramedChunk {
  const { samples, isLast } = chunk;
  const isEmpty = samples.length === 0 && front.samplesHeard(state.audio, state.memory.count) === 0;
  const audio = isLast === true && !isEmpty ? front.end(state.audio, samples) : front.push(state.audio, samples);
  return { state, chunk, audio };
}

/** Runs the model over all streams' new vectors; result i belongs to chunk i. `signal` is looked at before each call. */
export async function encodeChunks(
  engine: Engine,
  chunks: readonly FramedChunk[],
  signal?: AbortSignal,
): Promise<EncodedChunk[]> {
  const { executor, config, sizes } = engine;
  const encodings = await encodeTogether(
    executor,
    sizes,
    chunks.map(({ state, audio }) => ({ states: state.encoder, frames: audio.frames })),
    signal,
  );
  const requests = chunks.map(({ state, chunk }, stream) => {
    const { vectors, keys, values } = encodings[stream] as Encoded; // one for each stream
    return { state: state.memory, chunk: { vectors, keys, values }, log: chunk.trace?.pooling };
  });
  const memories = await advanceMemories(executor, config.memory, requests, signal);
  return chunks.map(({ state, chunk, audio }, stream) => ({
    audio,
    encoded: encodings[stream] as Encoded, // one for each stream, as are the memories
    memory: memories[stream] as MemoryAdvance,
    isLast: chunk.isLast ?? false,
    secondsHeard:
      (engine.front.samplesHeard(state.audio, state.memory.count) + chunk.samples.length) / config.features.sampleRate,
  }));
}
