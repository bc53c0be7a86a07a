import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { bleu, tokenize13a } from '../../src/text/bleu.ts';
import { chrf } from '../../src/text/chrf.ts';

type Scores = { readonly bleu: number; readonly chrF2: number; readonly 'chrF2+': number; readonly 'chrF2++': number };
type Case = {
  readonly hypotheses: readonly string[];
  readonly references: readonly string[];
  readonly scores: Scores;
  readonly signatures: { readonly [Name in keyof Scores]: string };
  readonly bleu: {
    readonly precisions: readonly number[];
    readonly brevityPenalty: number;
    readonly lengths: readonly number[];
  };
};

// The file is written by the script beside it.
const { cases, tokens } = JSON.parse(
  readFileSync(new URL('translation-scores/translation-scores.json', import.meta.url), 'utf8'),
) as {
  readonly cases: readonly Case[];
  readonly tokens: readonly { readonly text: string; readonly words: readonly string[] }[];
};

describe('scores of translations are those of sacreBLEU', () => {
  test('words are cut as by its tokenizer 13a', () => {
    expect(tokens.map(({ text }) => ({ text, words: tokenize13a(text) }))).toEqual(tokens);
  });

  test.each(cases.map((one, index) => ({ ...one, index, segments: one.hypotheses.length })))(
    'corpus $index of $segments segments',
    ({ hypotheses, references, scores, signatures, bleu: expected }) => {
      const own = bleu(hypotheses, references);
      expect(own.score).toBeCloseTo(scores.bleu, 9);
      expect(own.brevityPenalty).toBeCloseTo(expected.brevityPenalty, 12);
      expect([own.hypothesisLength, own.referenceLength]).toEqual(expected.lengths);
      for (const [place, precision] of expected.precisions.entries()) {
        expect(own.precisions[place]).toBeCloseTo(precision, 9);
      }
      expect(own.signature).toBe(signatures.bleu);
      for (const wordOrder of [0, 1, 2] as const) {
        const { score, name, signature } = chrf(hypotheses, references, { wordOrder });
        expect(Object.hasOwn(scores, name)).toBe(true);
        const key = name as keyof Scores; // it is one of them, as the line above has it
        expect(score).toBeCloseTo(scores[key], 9);
        expect(signature).toBe(signatures[key]);
      }
    },
  );
});
