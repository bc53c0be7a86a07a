import { wrongType } from '../arguments.ts';
import { createResampler } from '../audio/resample.ts';
import { floatsNamed } from '../cell/rows.ts';
import { HearkenError } from '../errors.ts';
import { emptyMemory } from '../memory/state.ts';
import type { Grammar } from '../text/vocabulary.ts';
import { abortable } from './abortable.ts';
import { advance } from './advance.ts';
import { AttentionTrace, type StreamAttention, BinnedTrace } from './attention-trace.ts';
import { type StreamChunk, type EncodedChunk, encodeChunks, type EncodeState, frameChunk } from './encode.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './events.ts';
import type { AudioVectors } from './front-end.ts';
import type { DecoderChoice } from './rescoring.ts';
import { type SearchResult, searchChunks, valueOf } from './search.ts';
import { type StreamState, startStream, type StreamSettings } from './state.ts';

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

function openTrace(engine: Engine, choice: AttentionChoice): StreamAttention | undefined {
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

/** The events of one stream from its encodings, which may be decoded as often as there are grammars to try. */
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
const LONGEST_PIECE_SECONDS = 2;

/** The stream at the model's rate, in pieces; one that is marked as the last, maybe without samples, ends it. */
export async function* streamChunks(
  chunks: AudioChunks,
  rates: { readonly inputRate: number; readonly outputRate: number },
  signal?: AbortSignal,
): AsyncGenerator<StreamChunk, void, undefined> {
  const resampler = createResampler(rates);
  for await (const chunk of abortable(chunks, signal)) {
    if (!(chunk instanceof Float32Array)) throw wrongType('every chunk', 'samples in -1..1 (Float32Array)', chunk);
    for (const piece of pieces(chunk, LONGEST_PIECE_SECONDS * rates.inputRate)) {
      yield { samples: resampler.push(piece) };
    }
  }
  yield { samples: resampler.flush(), isLast: true };
}

function* pieces(samples: Float32Array, longest: number): Generator<Float32Array> {
  for (let start = 0; start < samples.length; start += longest) yield samples.subarray(start, start + longest);
}
