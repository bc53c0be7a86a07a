import {
  aGrammar,
  anObject,
  aRate,
  aSignal,
  assertChunks,
  assertOptions,
  type Checks,
  filePath,
  integerIn,
  oneOf,
  wrongType,
} from '../arguments.ts';
import { DEVICES, type StreamingDevice } from '../backend/model-executor.ts';
import { HearkenError } from '../errors.ts';
import type { SpokenGrammar } from '../grammar/code-grammar.ts';
import { chosenGrammar, type GrammarChoice } from '../grammar/grammar-choice.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import {
  type AudioChunks,
  decodeStream,
  type Encoding,
  encodeStream,
  inPieces,
  LONGEST_PIECE_SECONDS,
  streamEvents,
} from './stream.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './events.ts';
import { loadEngine } from './load-engine.ts';
import { type Recognition, recognizeUtterance } from './recognize-utterance.ts';
import { type DecoderChoice, DECODERS } from './rescoring.ts';
import type { RecognizerStream, StreamSnapshot } from './recognizer.ts';
import { createSpeechRecognizer } from './speech-recognizer.ts';
import { withNextGrammar } from './state.ts';
import type { AttentionChoice } from './stream-cursor.ts';
import { transcribe, type TranscribeOptions, type TranscribeSource, type Transcript } from './transcribe.ts';

/** The most streams that are computed together; the memory that a batch takes grows with them. */
const MAXIMUM_BATCH = 64;

export type LoadModelOptions = {
  /** What computes the model. Default `cpu`: onnxruntime on the processor. */ readonly device?: StreamingDevice;
  /** Grammar used by streams that do not pass one. Default: the model's default grammar. */
  readonly grammar?: GrammarChoice;
  /** How many streams are usually open at once, 1..1024: what the device `auto` measures. Default 1. */
  readonly streams?: number | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type StreamOptions = {
  /** Sample rate of the audio in Hz, a whole number in 4000..768000. Default: the model's own rate. */
  readonly sampleRate?: number | undefined;
  readonly grammar?: GrammarChoice | undefined;
  /**
   * What chooses the words of an ended utterance. Default `joint`: CTC and, where the model has one, the attention decoder together.
   * `attention` of a model without one is refused.
   */
  readonly decoder?: DecoderChoice | undefined;
  /**
   * Whether finals are followed by `attention` events, to the vector, which keeps O(N) beside the stream; or, with `binned`, by
   * `binned-attention` events, with `memory` events between, in O(log N). Default false.
   */
  readonly attention?: AttentionChoice | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type OpenOptions = StreamOptions & {
  /**
   * Where another stream of this model stood, in this process or another; the new stream goes on from there. Its
   * grammar and decoder are then those of that stream, and `attention` is what it was there: none, or `binned`.
   */
  readonly from?: StreamSnapshot | undefined;
};

/** A stream of a model of this process. */
export type ModelStream = RecognizerStream & {
  /**
   * Swaps what may be said: utterances that begin after all that was pushed before follow `grammar`, the one under way stays with its own, and no audio is
   * lost or heard twice. Rejects with `grammar/...` where it cannot be used, among them `grammar/other-symbols` where it is heard by
   * phones and that of the stream by words, or the other way round; the stream then goes on as it was.
   */
  readonly setGrammar: (grammar: GrammarChoice) => Promise<void>;
};

export type RecognizeOptions = Omit<StreamOptions, 'attention'> & {
  /**
   * The most words in the utterance; 1 answers with exactly one word of the grammar. Default: no limit. With a limit a word that asks for what the memory
   * holds (recall-speech) is written as it was said, not answered.
   */
  readonly maximumWords?: number | undefined;
};

export type EncodeOptions = Pick<StreamOptions, 'sampleRate' | 'signal'>;
export type DecodeOptions = Pick<StreamOptions, 'grammar' | 'decoder' | 'signal'>;

const LOAD_CHECKS: Checks<LoadModelOptions> = {
  device: oneOf(...DEVICES),
  grammar: aGrammar,
  streams: integerIn(1, 1_024),
  signal: aSignal,
};
const ENCODE_CHECKS: Checks<EncodeOptions> = { sampleRate: aRate, signal: aSignal };
const DECODE_CHECKS: Checks<DecodeOptions> = { grammar: aGrammar, decoder: oneOf(...DECODERS), signal: aSignal };
const STREAM_CHECKS: Checks<StreamOptions> = {
  ...ENCODE_CHECKS,
  ...DECODE_CHECKS,
  attention: oneOf(true, false, 'binned'),
};
const OPEN_CHECKS: Checks<OpenOptions> = { ...STREAM_CHECKS, from: anObject };
const RECOGNIZE_CHECKS: Checks<RecognizeOptions> = { ...ENCODE_CHECKS, ...DECODE_CHECKS, maximumWords: integerIn(1) };

/** A loaded model; any number of streams may use it at once. `await using` disposes of it, or `dispose` when they are done. */
export type Model = AsyncDisposable & {
  readonly name: string;
  readonly vocabulary: Vocabulary;
  /** Phones that the model hears, of which phrases of any words are made; absent where it hears its words alone. */
  readonly phones: readonly string[] | undefined;
  /** Sample rate in Hz that the model works at; audio of other rates is converted. */ readonly sampleRate: number;
  /** Name of what computes the model, for example `onnx-cpu`; another once a GPU is lost. */ readonly device: string;
  /** Why that computes it, where `auto` chose. */ readonly deviceReason: string | undefined;
  /**
   * Opens a stream that is pushed samples, flushed, saved and gone on with by hand; `stream` is its smallest user. Streams that are
   * open at once are computed together. Throws `option/...`, `grammar/...`, or `snapshot/...` where it cannot go on from `from`.
   *
   * @example
   * ```ts
   * import { readFile } from 'node:fs/promises';
   * import { loadModel } from 'hearken';
   *
   * await using model = await loadModel('codes-en', { grammar: 'digits' });
   * const file = await readFile('samples/phone-number.wav'); // 16-bit samples after a header of 44 bytes
   * const samples = Float32Array.from(new Int16Array(file.buffer, 44), (sample) => sample / 32_768);
   *
   * const first = model.open();
   * const events = [...(await first.push(samples.slice(0, 48_000)))];
   * const saved = await first.snapshot(); // plain data: it may go to another process, or another machine
   * first.close();
   *
   * const second = model.open({ from: saved });
   * events.push(...(await second.push(samples.slice(48_000))), ...(await second.flush()));
   * for (const event of events) if (event.type === 'final') console.log(event.text);
   * // => five five five one nine eight zero seven four six
   * ```
   */
  open(options?: OpenOptions): ModelStream;
  /**
   * Listens to samples in -1..1 that come in chunks of any size, and tells what it hears while they come.
   * Throws `grammar/...`, `option/...`, `audio/non-finite-sample`, or the reason of `signal`.
   *
   * @example
   * ```ts
   * import { readFile } from 'node:fs/promises';
   * import { loadModel } from 'hearken';
   *
   * await using model = await loadModel('codes-en', { grammar: 'digits' });
   * const file = await readFile('samples/phone-number.wav'); // 16-bit samples after a header of 44 bytes
   * const samples = Float32Array.from(new Int16Array(file.buffer, 44), (sample) => sample / 32_768);
   *
   * for await (const event of model.stream([samples.subarray(0, 30_000), samples.subarray(30_000)])) {
   *   if (event.type === 'partial') console.log('...', event.text);
   *   if (event.type === 'final') console.log(event.text, event.start.toFixed(1), event.end.toFixed(1));
   * }
   * // => ... five five five
   * // => ... five five five one nine eight zero
   * // => ... five five five one nine eight zero seven four six
   * // => five five five one nine eight zero seven four six 0.0 6.1
   * ```
   */
  stream(chunks: AudioChunks, options?: StreamOptions): AsyncGenerator<RecognitionEvent, void, undefined>;
  /**
   * The first half of `stream`: what the model makes of the samples, whatever may be said. Throws as `stream` does, but
   * for the grammar.
   */
  encode(chunks: AudioChunks, options?: EncodeOptions): AsyncGenerator<Encoding, void, undefined>;
  /**
   * The second half of `stream`: what is said in the encodings of one whole stream of this model. They may be kept and
   * decoded again. Throws `grammar/...`, `decode/order` where encodings are missing, or the reason of `signal`.
   */
  decode(
    encodings: AsyncIterable<Encoding> | Iterable<Encoding>,
    options?: DecodeOptions,
  ): AsyncGenerator<RecognitionEvent, void, undefined>;
  /**
   * The words of a recording: an audio file (WAV, and what the optional peer `audio-decode` reads) or its bytes, or samples in
   * -1..1. Of a file only some seconds are held at a time. What was heard before a recording breaks off is given, with
   * `incomplete`.
   *
   * Throws `audio/...` or `wav/...` where nothing of it can be read, `option/...` on arguments that make no sense, and as
   * `stream` does.
   *
   * @example
   * ```ts
   * import { loadModel } from 'hearken';
   *
   * await using model = await loadModel('codes-en');
   * const { text, words, durationSeconds } = await model.transcribe('samples/pin.wav', { grammar: 'digits' });
   * console.log(text, durationSeconds);
   * // => four seven two nine 4.14
   * for (const { word, start, end } of words) console.log(word, start, end);
   * // => four 0.48 0.92
   * // => seven 1.16 1.72
   * // => two 1.96 2.32
   * // => nine 2.48 3.16
   * ```
   */
  transcribe(source: TranscribeSource, options?: TranscribeOptions): Promise<Transcript>;
  /**
   * Takes all of `samples` for one utterance: for evaluation, commands, forms. Throws as `stream` does.
   *
   * @example
   * ```ts
   * import { readFile } from 'node:fs/promises';
   * import { loadModel } from 'hearken';
   *
   * await using model = await loadModel('codes-en');
   * const file = await readFile('samples/phone-number.wav'); // 16-bit samples after a header of 44 bytes
   * const samples = Float32Array.from(new Int16Array(file.buffer, 44), (sample) => sample / 32_768);
   * const { text } = await model.recognize(samples.subarray(0, 15_000), { grammar: 'digits', maximumWords: 1 });
   * console.log(text);
   * // => five
   * ```
   */
  recognize(samples: Float32Array, options?: RecognizeOptions): Promise<Recognition>;
  /** Frees what it holds; streams that run fail. Disposing again does nothing. */ dispose(): Promise<void>;
};

/**
 * Loads a model from its folder (a path or a `file:` URL), or one that comes with the package by its name. Throws
 * `model/not-found`, `model/missing-file`, `model/config`, `model/version`, `executor/graph`, `executor/device`, `training/not-installed` or `option/...`,
 * saying what is wrong.
 *
 * @example
 * ```ts
 * import { loadModel } from 'hearken';
 *
 * await using model = await loadModel('codes-en', { grammar: 'digits' });
 * console.log(model.name, model.device, model.sampleRate);
 * // => codes-en onnx-cpu 16000
 * ```
 */
export async function loadModel(folder: string | URL, options: LoadModelOptions = {}): Promise<Model> {
  assertOptions('loadModel', options, LOAD_CHECKS);
  const { device = 'cpu', grammar, ...loading } = options;
  const engine = await loadEngine(filePath('folder', folder), device, loading);
  return createModel(engine, grammar);
}

/** Makes a model of `engine`; the model then owns the engine's executor and disposes of it. */
export function createModel(engine: Engine, grammar?: GrammarChoice): Model {
  const { config, executor } = engine;
  const { vocabulary, features } = config;
  const byDefault = chosenGrammar(config, grammar); // refused at once, not with the first stream
  const chosen = (choice: GrammarChoice | undefined): SpokenGrammar =>
    choice === undefined ? byDefault : chosenGrammar(config, choice);
  const recognizer = createSpeechRecognizer(engine, {
    maximumBatch: MAXIMUM_BATCH,
    maximumWaitMs: 0,
    longestPieceSeconds: LONGEST_PIECE_SECONDS,
    readsAhead: false, // nothing is gained by it in one process
  });
  const deciding = (decoder: DecoderChoice = 'joint'): DecoderChoice => {
    if (decoder === 'attention' && config.decoder === undefined) throw lacksAttention(config.name);
    return decoder;
  };
  const open = ({ from, grammar: choice, decoder, ...options }: OpenOptions): ModelStream => {
    const { sampleRate = from?.sampleRate ?? features.sampleRate, attention = false, signal } = options;
    if (from !== undefined && (choice !== undefined || decoder !== undefined)) throw unusedWithFrom();
    const begin = from === undefined ? { settings: { grammar: chosen(choice), decoder: deciding(decoder) } } : { from };
    const { change, ...stream } = recognizer.open({ sampleRate, attention, begin }, signal);
    return {
      ...stream,
      setGrammar: async (next) => {
        assertOptions('setGrammar', { grammar: next }, { grammar: aGrammar });
        const other = chosen(next);
        await change((state) => withNextGrammar(engine, state, other));
      },
    };
  };
  const stream: Model['stream'] = (chunks, options = {}) => {
    assertChunks('samples', chunks);
    assertOptions('stream', options, STREAM_CHECKS);
    const { sampleRate = features.sampleRate, signal } = options;
    const settings = { ...options, grammar: chosen(options.grammar) };
    return streamEvents(() => open(settings), inPieces(chunks, sampleRate, signal));
  };
  const dispose = async (): Promise<void> => {
    await recognizer.idle();
    await executor[Symbol.asyncDispose]();
  };
  return {
    name: config.name,
    vocabulary,
    phones: config.phones,
    sampleRate: features.sampleRate,
    get device() {
      return executor.name;
    },
    get deviceReason() {
      return executor.reason;
    },
    open: (options = {}) => {
      assertOptions('open', options, OPEN_CHECKS);
      return open(options);
    },
    stream,
    encode: (chunks, options = {}) => {
      assertChunks('samples', chunks);
      assertOptions('encode', options, ENCODE_CHECKS);
      return encodeStream(engine, chunks, options);
    },
    decode: (encodings, options = {}) => {
      assertChunks('encodings', encodings);
      assertOptions('decode', options, DECODE_CHECKS);
      const { grammar: choice, decoder, signal } = options;
      const settings = { grammar: chosen(choice), decoder: deciding(decoder) };
      return decodeStream(engine, encodings, settings, signal);
    },
    transcribe: (source, options) => transcribe({ sampleRate: features.sampleRate, stream, open }, source, options),
    recognize: async (samples, options = {}) => {
      if (!(samples instanceof Float32Array)) throw wrongType('samples', 'samples in -1..1 (Float32Array)', samples);
      assertOptions('recognize', options, RECOGNIZE_CHECKS);
      const settings = { grammar: chosen(options.grammar), decoder: deciding(options.decoder) };
      const { code, phones } = settings.grammar;
      if ((code ?? phones) !== undefined && options.maximumWords !== undefined) throw unusedWithCode();
      return recognizeUtterance(engine, samples, { ...options, ...settings });
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function lacksAttention(name: string): HearkenError {
  const expected = `Expected \`decoder\` to be ctc or joint with ${name}, which has no attention decoder`;
  return new HearkenError('option/unknown-value', `${expected}, got attention`);
}

function unusedWithFrom(): HearkenError {
  const expected = 'Expected a stream that goes on from a snapshot to keep its `grammar` and `decoder`';
  return new HearkenError('snapshot/options', `${expected}, got others`);
}

function unusedWithCode(): HearkenError {
  return new HearkenError(
    'option/unused',
    'Expected `maximumWords` with words of the model only, got it with the form of a code, or with phrases',
  );
}
