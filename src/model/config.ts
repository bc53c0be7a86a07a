/**
 * `config.json` of a model, version 2 of the format: what comes in, how it is encoded, what is remembered, what is asked. Every model is
 * a choice of these parts; a folder of version 1 (a speech recogniser) or of a token model is read as one of them.
 */
import type { EncoderConfig } from '../encoder/config.ts';
import { encoderDepth } from '../encoder/config.ts';
import { HearkenError } from '../errors.ts';
import type { MemoryKindConfig } from '../memory/kinds.ts';
import type { Vocabulary } from '../text/vocabulary.ts';
import { symbolCount } from '../text/symbols.ts';
import { refusal, valueAt } from './config-fields.ts';
import { assertConsistent } from './config-consistency.ts';
import { isTokenModelConfig, modelConfigOfSpeech, modelConfigOfTokenModel } from './config-migration.ts';
import { modelSchema } from './config-schema.ts';
import type { DecodingOptions } from './decoding.ts';
import type { HeadsConfig } from './heads.ts';
import { type SourceConfig, sourceDepth } from './source.ts';
import { parseSpeechConfig } from './speech-config.ts';

/** The version of the checkpoint format that is written; version 1 is read, too. */
export const MODEL_VERSION = 2;

export type ModelConfig = {
  readonly format: 'hearken';
  readonly version: typeof MODEL_VERSION;
  readonly name: string;
  /** BCP 47 tag, for example `en`. */ readonly language?: string | undefined;
  readonly source: SourceConfig;
  readonly encoder: EncoderConfig;
  readonly memory: MemoryKindConfig;
  readonly heads: HeadsConfig;
  /** Labels and grammars of a recogniser of speech. */ readonly vocabulary?: Vocabulary | undefined;
  /** How words are searched for and utterances end, where audio comes in. */ readonly decoding?:
    | DecodingOptions
    | undefined;
  /** Where the weights come from: recipe, seed, steps, figures; free-form, for people. */
  readonly training?: Readonly<Record<string, unknown>> | undefined;
};

/**
 * `given`, as parsed from JSON, as a configuration; version 1 and token models of before are migrated. Throws `model/version` where it
 * was written for another version of the format, and `model/config` with the path of the first wrong field, what was expected there and
 * what stands there, or the reason why two parts do not go together.
 */
export function parseModelConfig(given: unknown): ModelConfig {
  const version = valueAt(given, ['version']);
  if (version === 1) return modelConfigOfSpeech(parseSpeechConfig(given));
  if (isTokenModelConfig(given)) return modelConfigOfTokenModel(given);
  if (typeof version === 'number' && version !== MODEL_VERSION) {
    throw new HearkenError(
      'model/version',
      `Expected \`version\` of the model to be 1 or ${MODEL_VERSION}, got ${version}`,
    );
  }
  const { data, error } = modelSchema.safeParse(given);
  if (error !== undefined) throw refusal(given, error);
  assertConsistent(data);
  return data;
}

/** D: depth of an encoded vector, and of an entry of the memory. */
export function modelDepth({ source, encoder }: Pick<ModelConfig, 'source' | 'encoder'>): number {
  return encoderDepth(encoder, sourceDepth(source));
}

/** L: labels that a head writes, without its end or blank. */
export function labelCountOf({ vocabulary, heads }: ModelConfig, head: 'ctc' | 'decoder'): number {
  const symbols = heads[head]?.symbols;
  return symbols === undefined ? (vocabulary?.labels.length ?? 0) : symbolCount(symbols);
}
