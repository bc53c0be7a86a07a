/** What was heard of a code that was cut, as plain data in snapshots, and back. */
import { z } from 'zod';

import type { SpokenGrammar } from '../grammar/code-grammar.ts';
import type { HeardParts } from './code-parts.ts';
import type { BegunCode } from './utterance-search.ts';

const label = z.int().min(1);

export const begunSchema: z.ZodType<BegunCode> = z.strictObject({
  start: z.int().min(0),
  beginnings: z.array(z.strictObject({ labels: z.array(label), logProbability: z.number() })).min(1),
});

export type SavedParts = {
  readonly start: number;
  readonly hypotheses: readonly {
    readonly labels: readonly number[];
    readonly logProbability: number;
    /** Start, end and confidence of the word of each label. */ readonly words: readonly (readonly [
      number,
      number,
      number,
    ])[];
  }[];
};

export const savedPartsSchema: z.ZodType<SavedParts> = z.strictObject({
  start: z.int().min(0),
  hypotheses: z.array(
    z
      .strictObject({
        labels: z.array(label),
        logProbability: z.number(),
        words: z.array(z.tuple([z.number(), z.number(), z.number()])),
      })
      .refine(({ labels, words }) => labels.length === words.length),
  ),
});

export function saveParts({ start, hypotheses }: HeardParts): SavedParts {
  return {
    start,
    hypotheses: hypotheses.map(({ words, ...hypothesis }) => ({
      ...hypothesis,
      words: words.map((word) => [word.start, word.end, word.confidence] as const),
    })),
  };
}

/** What `saveParts` was given, under the same grammar. */
export function restoreParts({ start, hypotheses }: SavedParts, grammar: SpokenGrammar): HeardParts {
  return {
    start,
    hypotheses: hypotheses.map(({ labels, logProbability, words }) => ({
      labels,
      logProbability,
      words: words.map(([from, to, confidence], index) => ({
        word: grammar.words.get(labels[index]!) ?? '', // one for each label
        start: from,
        end: to,
        confidence,
      })),
    })),
  };
}
