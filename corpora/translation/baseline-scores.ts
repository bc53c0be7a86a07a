/** What translations by others are worth on a test set: the source itself, a translation memory, and words one by one. */
import { bleu } from '../../src/text/bleu.ts';
import { chrf } from '../../src/text/chrf.ts';
import type { Pair } from '../catalogs/pairs.ts';
import { translationMemory, type Translator, wordByWord } from './baselines.ts';
import { learnWordTranslation, type WordTranslation } from './ibm-model-1.ts';
import { alignedWords } from './word-alignment.ts';

/** Scores in 0..100. */
export type TranslationScores = { readonly chrf: number; readonly chrfPlusPlus: number; readonly bleu: number };

export type BaselineName = 'copy' | 'translation memory' | 'word by word';

/** Pairs that word translations are learned from, spread evenly over all: enough, and quick. */
const LEARNED_PAIRS = 60_000;
const ITERATIONS = 5;

export function scoresOf(hypotheses: readonly string[], references: readonly string[]): TranslationScores {
  return {
    chrf: chrf(hypotheses, references).score,
    chrfPlusPlus: chrf(hypotheses, references, { wordOrder: 2 }).score,
    bleu: bleu(hypotheses, references).score,
  };
}

/** Word translations of both directions, learned from `train`. */
export function wordTranslations(train: readonly Pair[]): {
  readonly forward: WordTranslation;
  readonly backward: WordTranslation;
} {
  const step = Math.ceil(train.length / LEARNED_PAIRS);
  const words = train
    .filter((_, index) => index % step === 0)
    .map(({ source, target }) => ({ source: alignedWords(source), target: alignedWords(target) }));
  const turned = words.map(({ source, target }) => ({ source: target, target: source }));
  const options = { iterations: ITERATIONS };
  return { forward: learnWordTranslation(words, options), backward: learnWordTranslation(turned, options) };
}

/** The scores of each baseline on `test`; the two that look things up know `train`. */
export function baselineScores(
  train: readonly Pair[],
  test: readonly Pair[],
  forward: WordTranslation,
): Record<BaselineName, TranslationScores> {
  const score = (translate: Translator) =>
    scoresOf(
      test.map(({ source }) => translate(source)),
      test.map(({ target }) => target),
    );
  return {
    copy: score((source) => source),
    'translation memory': score(translationMemory(train)),
    'word by word': score(wordByWord(forward)),
  };
}
