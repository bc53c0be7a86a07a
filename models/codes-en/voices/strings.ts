import { chance, integerBetween, pick } from '../../../corpora/draw.ts';
import type { Random } from '../../../src/tensor/random.ts';
import { DIGIT_WORDS, LETTERS } from '../words.ts';

/** Digit strings of 2-8 words, and as many letter strings of 2-6 with some digits among them. */
export function drawStrings(random: Random, count: number): string[][] {
  return Array.from({ length: count }, (_, index) => {
    const isDigits = index % 2 === 0;
    const letterShare = isDigits ? 0 : pick(random, [0.6, 0.8, 1]);
    return Array.from({ length: integerBetween(random, 2, isDigits ? 8 : 6) }, () =>
      pick(random, chance(random, letterShare) ? LETTERS : DIGIT_WORDS),
    );
  });
}

/**
 * Joins words as a person would write them down: commas everywhere, sometimes or nowhere; a statement, or a question in
 * a quarter of the cases.
 */
export function punctuate(random: Random, words: readonly string[]): string {
  const commaShare = pick(random, [1, 1, 0.3, 0.3, 0, 0]);
  const spoken = words.map((word, index) =>
    index < words.length - 1 && chance(random, commaShare) ? `${word},` : word,
  );
  return spoken.join(' ') + pick(random, ['', '.', '.', '?']);
}
