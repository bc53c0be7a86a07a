/** English numbers in words and the digits that they mean: what the model learns and what it is measured on. */
import { randomFor } from '../../corpora/draw.ts';
import type { SequencePair } from '../../corpora/sequence-accuracy.ts';
import { drawCardinal, drawYear } from '../../corpora/spelled-out/draw.ts';
import { englishCardinal, englishOrdinal, englishYear } from '../../corpora/spelled-out/english.ts';
import { spellOut } from '../../corpora/spelled-out/spell-out.ts';
import type { Random } from '../../src/tensor/random.ts';

/** Digits of the longest number that training sees. */
export const LONGEST_TRAINED = 10;

/** Digits of the longest number that is measured. */
export const LONGEST_MEASURED = 12;

const SEED = 3;

/** What is said, by the name that the evaluation gives it. */
export const FORMS = ['cardinal', 'ordinal', 'year'] as const;
export type Form = (typeof FORMS)[number];

/** Words as a recogniser writes them: no hyphens. */
function spoken(words: string): string {
  return words.replaceAll('-', ' ');
}

/** A pair of `form`, of `digits` digits where it is no year; with "and" or without, equally often. */
function pairOf(random: Random, form: Form, digits: number): SequencePair {
  const and = random.integer(2) === 0;
  if (form === 'year') {
    const value = drawYear(random);
    return { input: spoken(englishYear(value, { and })), output: String(value) };
  }
  const value = drawCardinal(random, digits);
  if (form === 'cardinal') return { input: spoken(englishCardinal(value, { and })), output: String(value) };
  const ordinal = Math.max(1, value);
  return {
    input: spoken(englishOrdinal(ordinal, { and })),
    output: spellOut('en', { kind: 'ordinal', value: ordinal }).written,
  };
}

/** Every word that a number may have. */
export function wordsOfNumbers(): string[] {
  const numbers = [...Array.from({ length: 101 }, (_, n) => n), 1e3, 1e6, 1e9];
  const said = numbers.flatMap((n) => [englishCardinal(n), n === 0 ? '' : englishOrdinal(n)]);
  return [...new Set(['and', 'oh', ...said.flatMap((words) => spoken(words).split(' '))])].filter(
    (word) => word !== '',
  );
}

/**
 * `count` pairs of set `set`, the `part`-th so many: a fifth of them years, a fifth ordinals, the rest cardinals, of 1 to
 * `LONGEST_TRAINED` digits; longer numbers are drawn more often, as there are more of them.
 */
function mixedPairs(set: number, part: number, count: number): SequencePair[] {
  return Array.from({ length: count }, (_, index) => {
    const random = randomFor(SEED, set, part, index);
    const kind = random.integer(5);
    const digits = 1 + Math.max(random.integer(LONGEST_TRAINED), random.integer(LONGEST_TRAINED));
    const form = kind === 0 ? 'year' : kind === 1 ? 'ordinal' : 'cardinal';
    return pairOf(random, form, form === 'ordinal' ? Math.min(digits, 6) : digits);
  });
}

const [TRAINING, VALIDATION, TEST] = [0, 1, 2];

/** Pairs of shard `part`: a pure function of it. */
export function trainingPairs(part: number, count: number): SequencePair[] {
  return mixedPairs(TRAINING, part, count);
}

/** Pairs that choose the best weights. */
export function validationPairs(count: number): SequencePair[] {
  return mixedPairs(VALIDATION, 0, count);
}

/** `count` different pairs of `form` and `digits` that no choice was made on; fewer where there are no more. */
export function testPairs(form: Form, digits: number, count: number): SequencePair[] {
  const pairs = new Map<string, string>();
  for (let index = 0; index < 20 * count && pairs.size < count; index++) {
    const { input, output } = pairOf(randomFor(SEED, TEST, digits, FORMS.indexOf(form), index), form, digits);
    pairs.set(input, output);
  }
  return Array.from(pairs, ([input, output]) => ({ input, output }));
}
