import type { AudioVectors } from './audio-front.ts';
import { type EncodedChunk, encodeChunks, type EncodeState, frameChunk } from './encode-chunks.ts';
import type { Engine } from './engine.ts';
import { floatsNamed } from './rows.ts';
import { emptyMemory } from '../memory/state.ts';
import { type AudioChunks, streamChunks } from './stream-chunks.ts';

/** What a model made of a piece of a stream, before anyone asks what may have been said. */
export type Encoding = {
  /** Number of its first vector in the stream. */ readonly first: number;
  /** `[n, D]`: the encoder's vectors, which the memory keeps; n may be 0 at the stream's end. */
  readonly vectors: Float32Array;
  /** `[n, D]`: what each of them read in the memory of the whole past. */ readonly contexts: Float32Array;
  /** `[n, labels + 1]`: CTC's log-probabilities, the blank first. */ readonly logProbabilities: Float32Array;
  /** From one vector to the next. */ readonly secondsPerVector: number;
  /** What `decode` goes on from. */ readonly chunk: EncodedChunk;
};

export type EncodeStreamOptions = {
  readonly sampleRate?: number;
  readonly signal?: AbortSignal | undefined;
};

/** The encodings of one stream, from its first sample to its end; only the last may be without vectors. */
export async function* encodeStream(
  engine: Engine,
  chunks: AudioChunks,
  { sampleRate, signal }: EncodeStreamOptions,
): AsyncGenerator<Encoding, void, undefined> {
  const { sampleRate: outputRate } = engine.config.features;
  let state: EncodeState = { audio: engine.front.start(), encoder: engine.encoderStart, memory: emptyMemory() };
  for await (const chunk of streamChunks(chunks, { inputRate: sampleRate ?? outputRate, outputRate }, signal)) {
    const [encoded] = await encodeChunks(engine, [frameChunk(engine, state, chunk)], signal);
    if (encoded === undefined) continue; // there is one for each chunk
    const { count } = state.memory;
    state = { audio: encoded.audio.state, encoder: encoded.encoded.states, memory: encoded.memory.state };
    if (state.memory.count > count || encoded.isLast) yield encodingOf(engine, count, encoded);
  }
}

function encodingOf(engine: Engine, first: number, chunk: EncodedChunk): Encoding {
  const { audio, encoded, memory } = chunk;
  const read = (name: string): Float32Array =>
    isEmpty(audio) ? new Float32Array(0) : floatsNamed(memory.outputs, name);
  return {
    first,
    vectors: encoded.vectors,
    contexts: read('outputs'),
    logProbabilities: read('logProbabilities'),
    secondsPerVector: engine.secondsPerVector,
    chunk,
  };
}

function isEmpty({ logEnergies }: AudioVectors): boolean {
  return logEnergies.length === 0;
}
