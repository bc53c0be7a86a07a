/** The first half of an advance: chunks of many streams become vectors, taken into their memories and read there. */
import type { Executor } from '../cell/executor.ts';
import { arrayNamed, floatsNamed, rowOf, stackRows } from '../cell/rows.ts';
import { advanceMemories, type MemoryAdvance } from '../memory/streaming.ts';
import { append } from '../tensor/append.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import type { StreamAttention } from './attention-trace.ts';
import { type Engine, memorySeenBy } from './engine.ts';
import type { AudioVectors } from './front-end.ts';
import type { EncodeState } from './state.ts';

export type StreamChunk = {
  /** The stream's next samples, in -1..1 at the model's rate, of any number. */ readonly samples: Float32Array;
  /** Whether the stream ends with them. */ readonly isLast?: boolean;
  /** Asks for attention events; the stream's own, given with every chunk of it from the first on. */
  readonly trace?: StreamAttention | undefined;
};

/** A chunk that has been turned into frames. */
export type FramedChunk = {
  readonly state: EncodeState;
  readonly chunk: StreamChunk;
  readonly audio: AudioVectors;
};

/** The model's outputs for a chunk; plain data. */
export type EncodedChunk = {
  readonly audio: AudioVectors;
  readonly encoded: EncodedVectors;
  readonly memory: MemoryAdvance;
  readonly isLast: boolean;
  /** Seconds of the stream so far, the chunk included. */ readonly secondsHeard: number;
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
    const { vectors, keys, values } = encodings[stream]!; // one for each stream
    return { state: state.memory, chunk: { vectors, keys, values }, log: chunk.trace?.pooling };
  });
  const memories = await advanceMemories(executor, memorySeenBy(engine, 'read'), requests, signal);
  return chunks.map(({ state, chunk, audio }, stream) => ({
    audio,
    encoded: encodings[stream]!, // one for each stream, as are the memories
    memory: memories[stream]!,
    isLast: chunk.isLast ?? false,
    secondsHeard:
      (engine.front.samplesHeard(state.audio, state.memory.count) + chunk.samples.length) / config.features.sampleRate,
  }));
}

/*
 * Encoding of many streams at once. Streams with unlike numbers of vectors share calls as far as all of them reach: with
 * 3, 5 and 5 vectors there is one call of 3 rows and 3 vectors, then one of 2 rows and 2 vectors. So nothing is padded,
 * no state passes through vectors that are not its own, and the steps in sequence are those of the longest stream.
 */

type EncodeRequest = {
  /** The cell's `state.*` arrays of one stream, `[1, ...]`. */ readonly states: HostArrays;
  /** `[n, F]`: the stacked frames of n vectors, n may be 0. */ readonly frames: Float32Array;
};

export type EncodedVectors = {
  /** The states after the last vector, `[1, ...]`. */ readonly states: HostArrays;
  /** `[n, D]`; this and the others may be views of a call's outputs. */ readonly vectors: Float32Array;
  /** `[n, D]`: the memory read's keys of the vectors. */ readonly keys: Float32Array;
  /** `[n, D]`: the memory read's values of the vectors. */ readonly values: Float32Array;
};

export type EncodeSizes = {
  /** F: numbers in one vector's stacked frames. */ readonly frameDepth: number;
  /** D */ readonly depth: number;
};

type Progress = EncodeRequest & { readonly count: number; encoded: EncodedVectors };

/** Runs cell `encode` for all `requests`; result i belongs to request i. `signal` is looked at before each call. */
export async function encodeTogether(
  executor: Executor,
  sizes: EncodeSizes,
  requests: readonly EncodeRequest[],
  signal?: AbortSignal,
): Promise<EncodedVectors[]> {
  const streams = requests.map((request): Progress => {
    const count = request.frames.length / sizes.frameDepth;
    return { ...request, count, encoded: { states: request.states, vectors: NONE, keys: NONE, values: NONE } };
  });
  let done = 0;
  for (const reach of new Set(streams.map(({ count }) => count).toSorted((a, b) => a - b))) {
    if (reach === 0) continue;
    signal?.throwIfAborted();
    const active = streams.filter(({ count }) => count >= reach);
    await encodeRange(executor, sizes, active, done, reach);
    done = reach;
  }
  return streams.map(({ encoded }) => encoded);
}

const NONE = new Float32Array(0);

/** Encodes vectors `start` to `end` of every stream in `active`. */
async function encodeRange(
  executor: Executor,
  { frameDepth, depth }: EncodeSizes,
  active: readonly Progress[],
  start: number,
  end: number,
): Promise<void> {
  const length = end - start;
  const frames = active.map((stream) => ({
    shape: [1, length, frameDepth],
    data: stream.frames.subarray(start * frameDepth, end * frameDepth),
  }));
  const stateNames = Object.keys(active[0]?.encoded.states ?? {});
  const stateRows = stateNames.map((name) => [
    name,
    stackRows(active.map(({ encoded }) => arrayNamed(encoded.states, name))),
  ]);
  const outputs = await executor.run('encode', { frames: stackRows(frames), ...Object.fromEntries(stateRows) });
  for (const [row, stream] of active.entries()) {
    const size = length * depth;
    const { encoded } = stream;
    const grown = (name: 'vectors' | 'keys' | 'values'): Float32Array => {
      const own = floatsNamed(outputs, name).subarray(row * size, (row + 1) * size);
      return start === 0 ? own : append(encoded[name], own);
    };
    const states = stateNames.map((name) => [name, rowOf(arrayNamed(outputs, name), row)] as const);
    stream.encoded = {
      states: Object.fromEntries(states),
      vectors: grown('vectors'),
      keys: grown('keys'),
      values: grown('values'),
    };
  }
}
