/**
 * Configurations of before as models of exchangeable parts: speech recognisers (version 1 of the format) and token models, which had a
 * format of their own. And back to version 1, by which streams run and fingerprints are made.
 */
import { assertInteger, HearkenError } from '../errors.ts';
import { assertMemoryConfig, type MemoryConfig } from '../memory/config.ts';
import { streamedMemory } from '../memory/kinds.ts';
import { encoderDepth } from '../encoder/config.ts';
import type { ModelConfig } from './config.ts';
import { DEFAULT_DECODING } from './decoding.ts';
import { decoderOf } from './heads.ts';
import { withNewFields } from './old-names.ts';
import { sourceDepth } from './source.ts';
import type { RecognizerConfig, SpeechConfig, StreamedEncoder } from './speech-config.ts';

/** A speech recogniser of version 1 as a model of parts. */
export function modelConfigOfSpeech(config: SpeechConfig): ModelConfig {
  const { format, name, language, vocabulary, features, memory, decoder, decoding, training } = config;
  const { frameStack, ...encoder } = config.encoder;
  return {
    format,
    version: 2,
    name,
    language,
    source: { kind: 'audio', features, frameStack },
    encoder,
    memory: { kind: 'hierarchical', ...memory, summary: 'attention' },
    heads: { ctc: {}, decoder },
    vocabulary,
    decoding,
    ...(training === undefined ? {} : { training }),
  };
}

function need(part: string, expected: string): HearkenError {
  return new HearkenError('model/config', `Expected \`${part}\` of a recogniser of speech to be ${expected}`);
}

/** A configuration of either version as a model of parts. */
export function modelConfigOf(config: ModelConfig | SpeechConfig): ModelConfig {
  return config.version === 1 ? modelConfigOfSpeech(config) : config;
}

/** Whether a model is a recogniser of speech that version 1 of the format could say. */
export function isSpeechModel({ source, encoder, memory, heads, vocabulary }: ModelConfig): boolean {
  const isSpelled =
    heads.ctc !== undefined &&
    heads.phones === undefined &&
    heads.decoder?.firstState === 'zeros' &&
    vocabulary !== undefined;
  const isStreamed = encoder.kind === 'convolution' || (encoder.kind === 'lstm' && encoder.direction !== 'both');
  const isKept = memory.kind === 'hierarchical' && memory.summary === 'attention';
  return source.kind === 'audio' && isStreamed && isKept && isSpelled;
}

/**
 * What streams of speech go by: of a model that version 1 could say, its configuration in that form. Throws `model/config`, naming the
 * part, where the model is no recogniser: it needs audio, a vocabulary and CTC.
 */
export function recognizerConfigOf(config: ModelConfig): RecognizerConfig {
  const { format, name, language = 'und', vocabulary, source, encoder, memory, heads, training } = config;
  if (source.kind !== 'audio') throw need('source.kind', 'audio');
  if (vocabulary === undefined) throw need('vocabulary', 'an object');
  if (heads.ctc === undefined) throw need('heads.ctc', 'an object');
  const { frameStack, features } = source;
  const { kind, ...sizes } = encoder;
  const direction = 'direction' in sizes ? { direction: undefined } : {}; // it is causal: version 1 does not say so
  return {
    format,
    version: 1,
    name,
    language,
    vocabulary,
    features,
    encoder: { kind, frameStack, ...sizes, ...direction } as StreamedEncoder, // the same but for the order of its fields
    memory: streamedMemory(memory, encoderDepth(encoder, sourceDepth(source))),
    ...(heads.decoder === undefined ? {} : { decoder: decoderOf(heads.decoder) }),
    ...(heads.phones === undefined ? {} : { phones: heads.phones.symbols }),
    decoding: config.decoding ?? DEFAULT_DECODING,
    ...(training === undefined ? {} : { training }),
  };
}

/**
 * A recogniser of speech in the form of version 1. Throws `model/config`, naming the part, where that could not say it: it has a causal
 * `lstm` or `convolution`, a hierarchical memory, CTC and a decoder.
 */
export function speechConfigOf(config: ModelConfig): SpeechConfig {
  const form = recognizerConfigOf(config);
  if (config.heads.decoder === undefined) throw need('heads.decoder', 'an object');
  if (isSpeechModel(config)) return form as SpeechConfig; // whose parts were asked
  const { encoder, memory, heads } = config;
  const parts = `${encoder.kind}, ${memory.kind}, ${Object.keys(heads).join(' and ')}`;
  throw new HearkenError(
    'model/config',
    `Expected a recogniser of speech as version 1 has them (a causal lstm or convolution, a hierarchical memory, CTC and a decoder), got ${parts}`,
  );
}

/** What the folder of a token model had for a configuration. */
export type TokenModelConfig = {
  readonly memory: MemoryConfig;
  readonly alphabetSize: number;
  readonly labelCount: number;
};

/** Whether `given` is the configuration of a token model of before. */
export function isTokenModelConfig(given: unknown): given is Pick<TokenModelConfig, 'alphabetSize' | 'labelCount'> {
  return typeof given === 'object' && given !== null && 'alphabetSize' in given && !('version' in given);
}

const MOST_TOKENS = 1 << 20;

/** A token model of before as a model of parts. Throws `model/config`, naming the field. */
export function modelConfigOfTokenModel(given: unknown): ModelConfig {
  const { memory, alphabetSize, labelCount, training } = {
    ...(withNewFields(given) as Partial<TokenModelConfig> & Pick<ModelConfig, 'training'>),
  }; // each is looked at below
  try {
    assertMemoryConfig({ ...memory! }); // where it is absent, so are its fields: the first is refused
    assertInteger('alphabetSize', alphabetSize ?? Number.NaN, 1, MOST_TOKENS);
    assertInteger('labelCount', labelCount ?? Number.NaN, 1, MOST_TOKENS);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HearkenError('model/config', `${reason} in the \`config.json\` of a token model`, { cause });
  }
  if (typeof memory?.tokenCountBias !== 'boolean') {
    const got = String(memory?.tokenCountBias);
    throw new HearkenError('model/config', `Expected \`memory.tokenCountBias\` to be true or false, got ${got}`);
  }
  return tokenModel({ memory, alphabetSize: alphabetSize!, labelCount: labelCount! }, training); // were looked at
}

/** A model of tokens that answers at every one of them by its memory. */
export function tokenModel(
  { memory, alphabetSize, labelCount }: TokenModelConfig,
  training?: ModelConfig['training'],
): ModelConfig {
  const { depth } = memory;
  return {
    format: 'hearken',
    version: 2,
    name: 'tokens',
    source: { kind: 'tokens', symbols: { unit: 'id', count: alphabetSize }, embedding: depth },
    encoder: { kind: 'pair', units: depth },
    memory: { kind: 'hierarchical', ...memory, summary: 'attention' },
    heads: { answers: { labelCount } },
    ...(training === undefined ? {} : { training }),
  };
}
