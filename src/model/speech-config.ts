/**
 * `config.json` of a speech recogniser in version 1 of the format, which is what runs of streams go by: validated field by field.
 */
import { z } from 'zod';

import type { DecoderConfig } from '../decoder/config.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { HearkenError } from '../errors.ts';
import type { MemoryConfig } from '../memory/config.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import {
  assertFeatures,
  assertVocabularyConfig,
  decodingSchema,
  featuresSchema,
  vocabularySchema,
} from './audio-schema.ts';
import { fieldError, flag, integer, kindError, object, refusal, text, valueAt } from './config-fields.ts';
import { decoderFields } from './decoder-schema.ts';
import { DEFAULT_DECODING, type DecodingOptions } from './decoding.ts';
import { withNewFields } from './old-names.ts';
import type { FeaturesConfig } from './source.ts';

/** The version of the format that this file describes. */
export const FORMAT_VERSION = 1;

/** Sizes of a recogniser's encoder: `frameStack` log-mel frames make one vector of depth `units`. */
export type SpeechEncoder = {
  /** Number of log-mel frames stacked into one vector, 1 to 16. */ readonly frameStack: number;
  /** Depth of an encoded vector. */ readonly units: number;
  /** Number of recurrent or convolutional layers. */ readonly layers: number;
} & (
  | { readonly kind: 'lstm' }
  | {
      readonly kind: 'convolution';
      /** Number of consecutive vectors that a layer sees. */
      readonly kernel: number;
    }
);

export type SpeechConfig = {
  readonly format: 'hearken';
  readonly version: typeof FORMAT_VERSION;
  readonly name: string;
  /** BCP 47 tag, for example `en`. */ readonly language: string;
  readonly vocabulary: Vocabulary;
  readonly features: FeaturesConfig;
  readonly encoder: SpeechEncoder;
  readonly memory: MemoryConfig;
  readonly decoder: DecoderConfig;
  /** How words are searched for and utterances end; a folder that leaves it out gets `DEFAULT_DECODING`. */
  readonly decoding: DecodingOptions;
  /** Where the weights come from: recipe, seed, steps, figures; free-form, for people. */
  readonly training?: Readonly<Record<string, unknown>> | undefined;
};

/** An encoder of frames that streams. */
export type StreamedEncoder = EncoderConfig & Pick<SpeechEncoder, 'frameStack'>;

/** What streams of speech go by: a model of audio in the form of version 1, of which fingerprints are made, with what that could not say. */
export type RecognizerConfig = Omit<SpeechConfig, 'encoder' | 'decoder'> & {
  readonly encoder: StreamedEncoder;
  /** Absent where CTC alone writes. */ readonly decoder?: DecoderConfig;
  /** Phones that a second CTC hears, of ids from 1 on; absent where there is none. */ readonly phones?: readonly string[];
};

const encoderSizes = { frameStack: integer(1, 16), units: integer(1, 8_192), layers: integer(1, 64) };
const encoder = z.discriminatedUnion(
  'kind',
  [
    object({ kind: z.literal('lstm'), ...encoderSizes }),
    object({ kind: z.literal('convolution'), ...encoderSizes, kernel: integer(2, 256) }),
  ],
  { error: kindError('lstm', 'convolution') },
);

const memory = object({
  depth: integer(1, 8_192),
  heads: integer(1, 256),
  window: integer(1, 65_536),
  leafFanIn: integer(1, 65_536),
  fanIn: integer(2, 65_536),
  slots: integer(1, 1_024),
  tokenCountBias: flag,
});

const schema: z.ZodType<SpeechConfig> = object({
  format: z.literal('hearken', { error: '"hearken"' }),
  version: z.literal(FORMAT_VERSION, { error: `${FORMAT_VERSION}` }),
  name: text,
  language: text,
  vocabulary: vocabularySchema,
  features: featuresSchema,
  encoder,
  memory,
  decoder: object(decoderFields),
  decoding: decodingSchema.default(DEFAULT_DECODING),
  training: z.record(z.string(), z.unknown(), { error: 'an object' }).optional(),
});

/**
 * `given`, as parsed from JSON, as a configuration; fields may have the names that they had before (`old-names.ts`). Throws `model/version` where it was written for another version of
 * the format, and `model/config` with the path of the first wrong field, what was expected there and what stands there.
 */
export function parseSpeechConfig(given: unknown): SpeechConfig {
  const value = withNewFields(given);
  const version = valueAt(value, ['version']);
  if (typeof version === 'number' && version !== FORMAT_VERSION) {
    throw new HearkenError(
      'model/version',
      `Expected \`version\` of the model to be ${FORMAT_VERSION}, got ${version}`,
    );
  }
  const { data, error } = schema.safeParse(value);
  if (error !== undefined) throw refusal(value, error);
  assertConsistent(data);
  return data;
}

/** Throws `model/config` where one field contradicts another. */
function assertConsistent(config: SpeechConfig): void {
  const { encoder: encoding, memory: tree } = config;
  if (tree.depth !== encoding.units)
    throw fieldError('memory.depth', `\`encoder.units\`, ${encoding.units}`, tree.depth);
  if (config.decoder.firstState !== 'zeros')
    throw fieldError('decoder.firstState', '"zeros" in version 1', config.decoder.firstState);
  if (tree.depth % tree.heads !== 0) throw fieldError('memory.heads', `a divisor of ${tree.depth}`, tree.heads);
  assertVocabularyConfig(config.vocabulary);
  assertFeatures('features', config.features);
}
