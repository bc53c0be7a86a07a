import { wrongType } from '../arguments.ts';
import { createResampler } from '../audio/resample.ts';
import { floatsNamed } from '../cell/rows.ts';
import { HearkenError } from '../errors.ts';
import { abortable } from './abortable.ts';
import { type EncodedChunk, encodeChunks, frameChunk, type StreamChunk } from './encode.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './events.ts';
import type { AudioVectors } from './front-end.ts';
import type { RecognizerStream } from './recognizer.ts';
import type { StreamSamples } from './request-queue.ts';
import { type SearchResult, searchChunks, valueOf } from './search.ts';
import { startEncoding, startStream, type StreamSettings } from './state.ts';

/**
 * Opens a stream, pushes `chunks` to it and gives its events; closes it at the end, however that comes. A chunk is
 * asked for when the one before has been worked off.
 */
export async function* streamEvents<Chunk, Event>(
  open: () => Pick<RecognizerStream<Chunk, Event>, 'push' | 'flush' | 'close'>,
  chunks: AsyncIterable<Chunk>,
): AsyncGenerator<Event, void, undefined> {
  const stream = open();
  try {
    for await (const chunk of chunks) yield* await stream.push(chunk);
    yield* await stream.flush();
  } finally {
    stream.close();
  }
}

/**
 * The samples in pieces short enough that the events of one are given while the next is computed. Throws `option/type`
 * on what is no chunk, or the reason of `signal`.
 */
export async function* inPieces(
  chunks: AudioChunks,
  sampleRate: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Float32Array, void, undefined> {
  for await (const chunk of abortable(chunks, signal)) {
    assertSamples(chunk);
    yield* pieces(chunk, LONGEST_PIECE_SECONDS * sampleRate);
  }
}

/** The model's outputs for a piece of a stream, before a grammar restricts what may be said. */
export type Encoding = {
  /** Index in the stream, from 0, of the first vector. */ readonly first: number;
  /** Encoded vectors `[n, D]`, which the memory keeps; n may be 0 at the stream's end. */
  readonly vectors: Float32Array;
  /** Outputs of the memory's read `[n, D]`: what each vector read in the whole past. */
  readonly readouts: Float32Array;
  /** @deprecated The former name of `readouts`: the same array. */ readonly contexts: Float32Array;
  /** CTC's log-probabilities `[n, labels + 1]`, the blank first. */ readonly logProbabilities: Float32Array;
  /** Seconds from one vector to the next. */ readonly secondsPerVector: number;
  /** The state that `decode` goes on from; opaque to callers. */ readonly chunk: EncodedChunk;
};

export type EncodeStreamOptions = {
  readonly sampleRate?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Encodes one stream, from its first sample to its end; only the last encoding may be without vectors. */
export async function* encodeStream(
  engine: Engine,
  chunks: AudioChunks,
  { sampleRate, signal }: EncodeStreamOptions,
): AsyncGenerator<Encoding, void, undefined> {
  const { sampleRate: outputRate } = engine.config.features;
  let state = startEncoding(engine);
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
  const readouts = read('outputs');
  return {
    first,
    vectors: encoded.vectors,
    readouts,
    contexts: readouts,
    logProbabilities: read('logProbabilities'),
    secondsPerVector: engine.secondsPerVector,
    chunk,
  };
}

function isEmpty({ logEnergies }: AudioVectors): boolean {
  return logEnergies.length === 0;
}

/** Decodes the encodings of one stream into events; the same encodings may be decoded with several grammars. */
export async function* decodeStream(
  engine: Engine,
  encodings: AsyncIterable<Encoding> | Iterable<Encoding>,
  settings: StreamSettings,
  signal?: AbortSignal,
): AsyncGenerator<RecognitionEvent, void, undefined> {
  let before = startStream(engine, settings);
  for await (const encoding of abortable(encodings, signal)) {
    const isEncoding = typeof encoding === 'object' && encoding !== null && 'chunk' in encoding;
    if (!isEncoding) throw wrongType('every item', 'an encoding of `encode`', encoding);
    const { first, chunk } = encoding;
    if (first !== before.memory.count) throw outOfOrder(before.memory.count, first);
    const results = await searchChunks(engine, [{ ...chunk, before, trace: undefined }], signal);
    const [{ state, events }] = results.map(valueOf) as [SearchResult]; // one for the one chunk
    before = state;
    yield* events;
  }
}

function outOfOrder(expected: number, first: number): HearkenError {
  return new HearkenError(
    'decode/order',
    `Expected all encodings of one stream in order, vector ${expected} next, got one that begins with vector ${first}`,
  );
}

/** Samples of one channel in -1..1, in chunks of any size. */
export type AudioChunks = AsyncIterable<Float32Array> | Iterable<Float32Array>;

/** The longest piece that the model computes at once: bounds memory, and how long an abort takes. */
export const LONGEST_PIECE_SECONDS = 2;

/** The stream at the model's rate, in pieces; one that is marked as the last, maybe without samples, ends it. */
async function* streamChunks(
  chunks: AudioChunks,
  rates: { readonly inputRate: number; readonly outputRate: number },
  signal?: AbortSignal,
): AsyncGenerator<StreamChunk, void, undefined> {
  const resampler = createResampler(rates);
  for await (const piece of inPieces(chunks, rates.inputRate, signal)) yield { samples: resampler.push(piece) };
  yield { samples: resampler.flush(), isLast: true };
}

/** Throws `option/type` unless `chunk` is a `Float32Array`. */
export function assertSamples(chunk: Float32Array): void {
  if (!(chunk instanceof Float32Array)) throw wrongType('every chunk', 'samples in -1..1 (Float32Array)', chunk);
}

/** Consecutive pieces of at most `longest` numbers. */
export function* pieces<Samples extends StreamSamples>(samples: Samples, longest: number): Generator<Samples> {
  for (let start = 0; start < samples.length; start += longest) {
    yield samples.subarray(start, start + longest) as Samples; // `subarray` gives the kind of array it was called on
  }
}
