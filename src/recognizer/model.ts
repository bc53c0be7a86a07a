import {
  aGrammar,
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
import type { Vocabulary } from '../text/vocabulary.ts';
import { type Grammar, resolveGrammar } from '../text/vocabulary.ts';
import { decodeStream } from './stream.ts';
import { type Encoding, encodeStream } from './stream.ts';
import type { Engine } from './engine.ts';
import type { RecognitionEvent } from './events.ts';
import { DEVICES, loadEngine, type StreamingDevice } from './engine.ts';
import { type Recognition, recognizeUtterance } from './recognize-utterance.ts';
import { type DecoderChoice, DECODERS } from './rescoring.ts';
import type { AudioChunks } from './stream.ts';
import { type AttentionChoice, streamEvents } from './stream.ts';
import { transcribe, type TranscribeOptions, type TranscribeSource, type Transcript } from './transcribe.ts';

/** What may be said: a grammar of the model by name, a list of words, or one made by `resolveGrammar`. */
export type GrammarChoice = string | readonly string[] | Grammar;

export type LoadModelOptions = {
  /** Default `cpu`. */ readonly device?: StreamingDevice;
  /** Of streams that ask for none; default the model's own. */ readonly grammar?: GrammarChoice;
  readonly signal?: AbortSignal | undefined;
};

export type StreamOptions = {
  /** Hz, a whole number in 4000..768000; default the model's own. */ readonly sampleRate?: number;
  readonly grammar?: GrammarChoice | undefined;
  /** Who settles utterances; default `joint`: CTC and attention together. */ readonly decoder?: DecoderChoice;
  /**
   * Whether finals are followed by `attention` events, to the vector, which keeps O(N) beside the stream; or, with `binned`, by
   * `binned-attention` events, with `memory` events between, in O(log N). Default false.
   */
  readonly attention?: AttentionChoice;
  readonly signal?: AbortSignal | undefined;
};

export type RecognizeOptions = Omit<StreamOptions, 'attention'> & {
  /** Words at most; 1 answers with exactly one word of the grammar. Default: no limit. */
  readonly maximumWords?: number | undefined;
};

export type EncodeOptions = Pick<StreamOptions, 'sampleRate' | 'signal'>;
export type DecodeOptions = Pick<StreamOptions, 'grammar' | 'decoder' | 'signal'>;

const LOAD_CHECKS: Checks<LoadModelOptions> = { device: oneOf(...DEVICES), grammar: aGrammar, signal: aSignal };
const ENCODE_CHECKS: Checks<EncodeOptions> = { sampleRate: aRate, signal: aSignal };
const DECODE_CHECKS: Checks<DecodeOptions> = { grammar: aGrammar, decoder: oneOf(...DECODERS), signal: aSignal };
const STREAM_CHECKS: Checks<StreamOptions> = {
  ...ENCODE_CHECKS,
  ...DECODE_CHECKS,
  attention: oneOf(true, false, 'binned'),
};
const RECOGNIZE_CHECKS: Checks<RecognizeOptions> = { ...ENCODE_CHECKS, ...DECODE_CHECKS, maximumWords: integerIn(1) };

/** A loaded model; any number of streams may use it at once. `await using` disposes of it, or `dispose` when they are done. */
export type Model = AsyncDisposable & {
  readonly name: string;
  readonly vocabulary: Vocabulary;
  /** Hz that the model hears at; other rates are converted. */ readonly sampleRate: number;
  /** What computes, for example `onnx-cpu`. */ readonly device: string;
  /**
   * Listens to samples in -1..1 that come in chunks of any size, and tells what it hears while they come.
   * Throws `grammar/...`, `option/...`, `audio/non-finite-sample`, or the reason of `signal`.
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
   */
  transcribe(source: TranscribeSource, options?: TranscribeOptions): Promise<Transcript>;
  /** Takes all of `samples` for one utterance: for evaluation, commands, forms. Throws as `stream` does. */
  recognize(samples: Float32Array, options?: RecognizeOptions): Promise<Recognition>;
  /** Frees what it holds; streams that run fail. Disposing again does nothing. */ dispose(): Promise<void>;
};

/**
 * Loads a model from its folder (a path or a `file:` URL), or one that comes with the package by its name. Throws
 * `model/not-found`, `model/missing-file`, `model/config`, `model/version`, `executor/graph`, `executor/device`, `training/not-installed` or `option/...`,
 * saying what is wrong.
 */
export async function loadModel(folder: string | URL, options: LoadModelOptions = {}): Promise<Model> {
  assertOptions('loadModel', options, LOAD_CHECKS);
  const { device = 'cpu', grammar, signal } = options;
  const engine = await loadEngine(filePath('folder', folder), device, signal);
  return createModel(engine, grammar);
}

/** A model of an engine, whose executor it then owns. */
export function createModel(engine: Engine, grammar?: GrammarChoice): Model {
  const { config, executor } = engine;
  const { vocabulary, features } = config;
  const chosen = (choice: GrammarChoice | undefined): Grammar => grammarOf(vocabulary, choice ?? grammar);
  chosen(grammar); // refused at once, not with the first stream
  const dispose = async (): Promise<void> => executor[Symbol.asyncDispose]();
  const stream: Model['stream'] = (chunks, options = {}) => {
    assertChunks('samples', chunks);
    assertOptions('stream', options, STREAM_CHECKS);
    return streamEvents(engine, chunks, { ...options, grammar: chosen(options.grammar) });
  };
  return {
    name: config.name,
    vocabulary,
    sampleRate: features.sampleRate,
    device: executor.name,
    stream,
    encode: (chunks, options = {}) => {
      assertChunks('samples', chunks);
      assertOptions('encode', options, ENCODE_CHECKS);
      return encodeStream(engine, chunks, options);
    },
    decode: (encodings, options = {}) => {
      assertChunks('encodings', encodings);
      assertOptions('decode', options, DECODE_CHECKS);
      const { grammar: choice, decoder = 'joint', signal } = options;
      return decodeStream(engine, encodings, { grammar: chosen(choice), decoder }, signal);
    },
    transcribe: (source, options) => transcribe({ sampleRate: features.sampleRate, stream }, source, options),
    recognize: async (samples, options = {}) => {
      if (!(samples instanceof Float32Array)) throw wrongType('samples', 'samples in -1..1 (Float32Array)', samples);
      assertOptions('recognize', options, RECOGNIZE_CHECKS);
      return recognizeUtterance(engine, samples, { ...options, grammar: chosen(options.grammar) });
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function grammarOf(vocabulary: Vocabulary, choice: GrammarChoice | undefined): Grammar {
  const isGrammar = typeof choice === 'object' && 'allowed' in choice;
  return isGrammar ? choice : resolveGrammar(vocabulary, choice);
}
