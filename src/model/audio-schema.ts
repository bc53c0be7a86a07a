/** The parts of a configuration that only recognisers of speech have: features, vocabulary, decoding. */
import { z } from 'zod';

import { assertLogMelConfig } from '../audio/log-mel.ts';
import { assertVocabulary, type Vocabulary } from '../text/vocabulary.ts';
import { fieldError, flag, integer, list, number, object, oneOf, positive, text, within } from './config-fields.ts';
import { DEFAULT_DECODING, type DecodingOptions } from './decoding.ts';
import type { FeaturesConfig } from './source.ts';

export const vocabularySchema: z.ZodType<Vocabulary> = object({
  labels: list(text).refine((labels) => new Set(labels).size === labels.length, {
    error: 'a list without repetitions',
  }),
  grammars: z.record(z.string(), list(object({ label: text, word: text })), { error: 'an object' }),
  defaultGrammar: text,
});

export const featuresSchema: z.ZodType<FeaturesConfig> = object({
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

const { endpointing, wordTimes, confidence } = DEFAULT_DECODING;
export const decodingSchema: z.ZodType<DecodingOptions> = object({
  ctcBeamSize: integer(1, 4_096).default(DEFAULT_DECODING.ctcBeamSize),
  ctcCandidates: integer(1, 4_096).default(DEFAULT_DECODING.ctcCandidates),
  ctcWeight: number(0, 1).default(DEFAULT_DECODING.ctcWeight),
  attentionBeamSize: integer(1, 4_096).default(DEFAULT_DECODING.attentionBeamSize),
  lengthExponent: number(0, 2).default(DEFAULT_DECODING.lengthExponent),
  recall: text.optional(),
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
  confidence: object({
    scale: number(0, 10).default(confidence.scale),
    shift: number(-10, 10).default(confidence.shift),
  }).default(confidence),
});

/** Throws `model/config` where a vocabulary's grammars are not of its labels, or are ambiguous. */
export function assertVocabularyConfig(words: Vocabulary): void {
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
}

/** Throws `model/config` where features contradict each other; `field` is where they stand. */
export function assertFeatures(field: string, features: FeaturesConfig): void {
  within(field, () => assertLogMelConfig(features));
}
