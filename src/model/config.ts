/** `config.json` of a speech recogniser: what a checkpoint folder says of itself, validated field by field. */
import { z } from 'zod';

import { assertLogMelConfig, type LogMelConfig } from '../audio/log-mel.ts';
import type { DecoderConfig } from '../decoder/config.ts';
import type { EncoderConfig } from '../encoder/config.ts';
import { HearkenError } from '../errors.ts';
import type { MemoryConfig } from '../memory/config.ts';
import { assertVocabulary, type Vocabulary } from '../text/vocabulary.ts';
import { DEFAULT_DECODING, type DecodingOptions } from './decoding.ts';
import { withNewFields } from './old-names.ts';

/** The version of the checkpoint format that this engine reads and writes. */
export const FORMAT_VERSION = 1;

export type FeaturesConfig = LogMelConfig & {
  /** Normalization of each band by its causal running mean. */
  readonly normalization: {
    /** Time constant of the running mean, in seconds. */ readonly timeConstantSeconds: number;
    /** Divisor of the deviations from the running mean. */ readonly scale: number;
  };
};

export type ModelConfig = {
  readonly format: 'hearken';
  readonly version: typeof FORMAT_VERSION;
  readonly name: string;
  /** BCP 47 tag, for example `en`. */ readonly language: string;
  readonly vocabulary: Vocabulary;
  readonly features: FeaturesConfig;
  readonly encoder: EncoderConfig;
  readonly memory: MemoryConfig;
  readonly decoder: DecoderConfig;
  /** How words are searched for and utterances end; a folder that leaves it out gets `DEFAULT_DECODING`. */
  readonly decoding: DecodingOptions;
  /** Where the weights come from: recipe, seed, steps, figures; free-form, for people. */
  readonly training?: Readonly<Record<string, unknown>> | undefined;
};

// Each schema's error message says what was expected; `refusal` turns it into a sentence.
const integer = (minimum: number, maximum: number) => {
  const error = `an integer in ${minimum}..${maximum}`;
  return z.int({ error }).min(minimum, { error }).max(maximum, { error });
};
const number = (minimum: number, maximum: number) => {
  const error = `a number in ${minimum}..${maximum}`;
  return z.number({ error }).min(minimum, { error }).max(maximum, { error });
};
const positive = z.number({ error: 'a number above 0' }).positive({ error: 'a number above 0' });
const text = z
  .string({ error: 'a string of 1 character or more' })
  .min(1, { error: 'a string of 1 character or more' });
const flag = z.boolean({ error: 'true or false' });
const oneOf = <T extends string>(...values: readonly [T, ...T[]]) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });
const object = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape, { error: 'an object' });
const list = <T extends z.ZodType>(element: T) =>
  z.array(element, { error: 'a list of 1 or more' }).min(1, { error: 'a list of 1 or more' });

const vocabulary = object({
  labels: list(text).refine((labels) => new Set(labels).size === labels.length, {
    error: 'a list without repetitions',
  }),
  grammars: z.record(z.string(), list(object({ label: text, word: text })), { error: 'an object' }),
  defaultGrammar: text,
});

const features = object({
  sampleRate: integer(1, 768_000),
  frameLength: integer(2, 65_536),
  hopLength: integer(1, 65_536),
  fftLength: integer(4, 65_536),
  bandCount: integer(1, 4_096),
  lowHz: number(0, 384_000),
  highHz: number(0, 384_000),
  window: oneOf('povey', 'hann', 'hamming'),
  preemphasis: number(0, 1),
  removeDcOffset: flag,
  energyFloor: positive,
  normalization: object({ timeConstantSeconds: positive, scale: positive }),
});

const encoderSizes = { frameStack: integer(1, 16), units: integer(1, 8_192), layers: integer(1, 64) };
const encoder = z.discriminatedUnion(
  'kind',
  [
    object({ kind: z.literal('lstm'), ...encoderSizes }),
    object({ kind: z.literal('convolution'), ...encoderSizes, kernel: integer(2, 256) }),
  ],
  { error: (issue) => (issue.code === 'invalid_union' ? 'one of lstm, convolution' : 'an object') },
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

const decoder = object({
  order: oneOf('bahdanau', 'luong'),
  score: oneOf('additive', 'location', 'dot', 'general', 'concat', 'scaled-dot', 'cosine', 'network'),
  units: integer(1, 8_192),
  attentionUnits: integer(1, 8_192),
  embedding: integer(1, 8_192),
  dropout: number(0, 0.95),
});

const { endpointing, wordTimes } = DEFAULT_DECODING;
const decoding = object({
  ctcBeamSize: integer(1, 4_096).default(DEFAULT_DECODING.ctcBeamSize),
  ctcCandidates: integer(1, 4_096).default(DEFAULT_DECODING.ctcCandidates),
  ctcWeight: number(0, 1).default(DEFAULT_DECODING.ctcWeight),
  attentionBeamSize: integer(1, 4_096).default(DEFAULT_DECODING.attentionBeamSize),
  lengthExponent: number(0, 2).default(DEFAULT_DECODING.lengthExponent),
  endpointing: object({
    pauseMs: number(100, 10_000).default(endpointing.pauseMs),
    blankThreshold: number(0, 1).default(endpointing.blankThreshold),
    onsetMs: number(0, 10_000).default(endpointing.onsetMs),
    preRollMs: number(0, 10_000).default(endpointing.preRollMs),
    latestLabelMs: number(0, 1_000).default(endpointing.latestLabelMs),
    longUtteranceMs: number(1_000, 120_000).default(endpointing.longUtteranceMs),
    longestUtteranceMs: number(1_000, 120_000).default(endpointing.longestUtteranceMs),
    closingSilenceMs: number(0, 5_000).default(endpointing.closingSilenceMs),
    loudMargin: number(0.1, 10).default(endpointing.loudMargin),
    quietestBackground: number(-20, 20).default(endpointing.quietestBackground),
  }).default(endpointing),
  wordTimes: object({
    longestBeforeSeconds: number(0.04, 10).default(wordTimes.longestBeforeSeconds),
    longestAfterSeconds: number(0, 10).default(wordTimes.longestAfterSeconds),
    typicalLengthSeconds: number(0.01, 10).default(wordTimes.typicalLengthSeconds),
    lengthDeviation: number(0.01, 10).default(wordTimes.lengthDeviation),
    emissionDeviationSeconds: number(0.001, 10).default(wordTimes.emissionDeviationSeconds),
  }).default(wordTimes),
});

const schema: z.ZodType<ModelConfig> = object({
  format: z.literal('hearken', { error: '"hearken"' }),
  version: z.literal(FORMAT_VERSION, { error: `${FORMAT_VERSION}` }),
  name: text,
  language: text,
  vocabulary,
  features,
  encoder,
  memory,
  decoder,
  decoding: decoding.default(DEFAULT_DECODING),
  training: z.record(z.string(), z.unknown(), { error: 'an object' }).optional(),
});

/**
 * `given`, as parsed from JSON, as a configuration; fields may have the names that they had before (`old-names.ts`). Throws `model/version` where it was written for another version of
 * the format, and `model/config` with the path of the first wrong field, what was expected there and what stands there.
 */
export function parseModelConfig(given: unknown): ModelConfig {
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

function refusal(value: unknown, error: z.ZodError): HearkenError {
  const [issue] = error.issues;
  const unknownField = issue?.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const fields = [...(issue?.path ?? []), ...unknownField];
  const expected = unknownField.length > 0 ? 'absent' : (issue?.message ?? 'valid');
  return fieldError(fields.join('.'), expected, valueAt(value, fields));
}

/** Throws `model/config` where one field contradicts another. */
function assertConsistent(config: ModelConfig): void {
  const { encoder: encoding, memory: tree, vocabulary: words, features: analysis } = config;
  if (tree.depth !== encoding.units)
    throw fieldError('memory.depth', `\`encoder.units\`, ${encoding.units}`, tree.depth);
  if (tree.depth % tree.heads !== 0) throw fieldError('memory.heads', `a divisor of ${tree.depth}`, tree.heads);
  for (const [name, grammar] of Object.entries(words.grammars)) {
    const unknown = grammar.findIndex(({ label }) => !words.labels.includes(label));
    if (unknown >= 0) {
      throw fieldError(`vocabulary.grammars.${name}.${unknown}.label`, 'a label', grammar[unknown]?.label);
    }
  }
  if (!Object.hasOwn(words.grammars, words.defaultGrammar)) {
    throw fieldError('vocabulary.defaultGrammar', 'the name of a grammar', words.defaultGrammar);
  }
  within('vocabulary', () => assertVocabulary(words));
  within('features', () => assertLogMelConfig(analysis));
}

/** Runs `check`, and adds the field of the configuration to what it throws. */
function within(field: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    throw new HearkenError('model/config', `${error.message} in \`${field}\``, { cause: error });
  }
}

function fieldError(field: string, expected: string, got: unknown): HearkenError {
  const shown = got === undefined ? 'nothing' : JSON.stringify(got).slice(0, 80);
  return new HearkenError('model/config', `Expected \`${field || 'config.json'}\` to be ${expected}, got ${shown}`);
}

function valueAt(value: unknown, fields: readonly PropertyKey[]): unknown {
  return fields.reduce<unknown>(
    (inner, field) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, field) : undefined),
    value,
  );
}
