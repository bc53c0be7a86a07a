/**
 * Configurations of before as models of exchangeable parts: speech recognisers (version 1 of the format) and token models, which had a
 * format of their own. And back to version 1, by which streams run and fingerprints are made.
 */
import { assertInteger, HearkenError } from '../errors.ts';
import { assertMemoryConfig, type MemoryConfig } from '../memory/config.ts';
import type { ModelConfig } from './config.ts';
import { DEFAULT_DECODING } from './decoding.ts';
import { decoderOf } from './heads.ts';
import { withNewFields } from './old-names.ts';
import type { SpeechConfig, SpeechEncoder } from './speech-config.ts';

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

/** Whether a model is a recogniser of speech by its parts. */
export function isSpeechModel({ source, encoder, memory, heads, vocabulary }: ModelConfig): boolean {
  const isSpelled = heads.ctc !== undefined && heads.decoder !== undefined && vocabulary !== undefined;
  const isStreamed = encoder.kind === 'convolution' || (encoder.kind === 'lstm' && encoder.direction !== 'both');
  return source.kind === 'audio' && isStreamed && memory.kind === 'hierarchical' && isSpelled;
}

/**
 * A model as a recogniser of speech. Throws `model/config`, naming the part, where it is none: it needs audio, a causal `lstm` or
 * `convolution`, a hierarchical memory, CTC and a decoder.
 */
export function speechConfigOf(config: ModelConfig): SpeechConfig {
  const { format, name, language = 'und', vocabulary, source, memory, heads, training } = config;
  const need = (part: string, expected: string): HearkenError =>
    new HearkenError('model/config', `Expected \`${part}\` of a recogniser of speech to be ${expected}`);
  if (source.kind !== 'audio') throw need('source.kind', 'audio');
  if (vocabulary === undefined) throw need('vocabulary', 'an object');
  if (memory.kind !== 'hierarchical') throw need('memory.kind', 'hierarchical');
  if (heads.ctc === undefined) throw need('heads.ctc', 'an object');
  if (heads.decoder === undefined) throw need('heads.decoder', 'an object');
  const { kind: _, summary: __, ...tree } = memory;
  return {
    format,
    version: 1,
    name,
    language,
    vocabulary,
    features: source.features,
    encoder: speechEncoder(config, source.frameStack),
    memory: tree,
    decoder: decoderOf(heads.decoder),
    decoding: config.decoding ?? DEFAULT_DECODING,
    ...(training === undefined ? {} : { training }),
  };
}

function speechEncoder({ encoder }: ModelConfig, frameStack: number): SpeechEncoder {
  if (encoder.kind === 'convolution') {
    const { units, layers, kernel } = encoder;
    return { kind: 'convolution', frameStack, units, layers, kernel };
  }
  if (encoder.kind === 'lstm' && encoder.direction !== 'both') {
    return { kind: 'lstm', frameStack, units: encoder.units, layers: encoder.layers };
  }
  throw new HearkenError(
    'model/config',
    `Expected \`encoder\` of a recogniser of speech to be a causal lstm or convolution, got ${encoder.kind}`,
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
