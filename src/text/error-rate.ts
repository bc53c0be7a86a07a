/** Word errors of a recogniser and how far such a figure can be trusted. */
import { assertInteger, HearkenError } from '../errors.ts';
import { Random } from '../tensor/random.ts';
import { fillEditRow, fillLastEditRow } from './edit-distance.ts';

/** Errors of one utterance, or summed over many. */
export type ErrorCounts = {
  readonly substitutions: number;
  readonly insertions: number;
  readonly deletions: number;
  /** Words in the reference. */
  readonly words: number;
};

/** A 95 % confidence interval of a rate. */
export type Interval = { readonly low: number; readonly high: number };

/** Samples drawn by a bootstrap. */
const RESAMPLES = 10_000;

/** The normal distribution's 97.5 % quantile. */
const TWO_SIDED_95 = 1.959963984540054;

/**
 * Counts the errors of the alignment with the fewest errors (Levenshtein distance, all errors cost 1). Among
 * alignments with equally many, the one with the most substitutions is counted.
 */
export function countErrors(reference: readonly string[], hypothesis: readonly string[]): ErrorCounts {
  const words = reference.length;
  const most = words + hypothesis.length + 1; // more than there can be errors
  const costs = { substitution: most - 1, gap: most }; // least: the fewest errors, and of those the most substitutions
  let row = new Float64Array(hypothesis.length + 1);
  let below = new Float64Array(row.length);
  fillLastEditRow(row, costs);
  for (const symbol of reference.toReversed()) {
    [row, below] = [below, row];
    fillEditRow(row, { symbol, others: hypothesis, below }, costs);
  }
  const cost = row[0]!; // errors * most - substitutions
  const errors = Math.ceil(cost / most);
  const substitutions = errors * most - cost;
  const insertions = (errors - substitutions + hypothesis.length - words) / 2; // as many more as the hypothesis is longer
  return { substitutions, insertions, deletions: errors - substitutions - insertions, words };
}

/** Substitutions, insertions and deletions together. */
export function errorsIn({ substitutions, insertions, deletions }: ErrorCounts): number {
  return substitutions + insertions + deletions;
}

export function sumErrors(counts: readonly ErrorCounts[]): ErrorCounts {
  const sum = { substitutions: 0, insertions: 0, deletions: 0, words: 0 };
  for (const one of counts) {
    sum.substitutions += one.substitutions;
    sum.insertions += one.insertions;
    sum.deletions += one.deletions;
    sum.words += one.words;
  }
  return sum;
}

/** Errors by words of the reference: 0.01 is 1 %; may exceed 1. Throws `error-rate/no-words` if there are none. */
export function wordErrorRate(counts: ErrorCounts): number {
  if (counts.words < 1) {
    throw new HearkenError('error-rate/no-words', `Expected at least one word in the reference, got ${counts.words}`);
  }
  return errorsIn(counts) / counts.words;
}

/**
 * 95 % percentile bootstrap interval of the word error rate, drawing whole utterances, since the errors of one
 * utterance depend on each other. Reference: Bisani and Ney, 2004, "Bootstrap estimates for confidence intervals in
 * ASR performance evaluation", section 3. The same `seed`, an integer in 0..2^32 - 1, gives the same interval.
 */
export function bootstrapInterval(utterances: readonly ErrorCounts[], { seed }: { readonly seed: number }): Interval {
  wordErrorRate(sumErrors(utterances));
  return resampledInterval(Float64Array.from(utterances, errorsIn), wordsOf(utterances), seed);
}

/**
 * 95 % percentile bootstrap interval of how much higher the word error rate is `after` than `before`, of the same utterances in the
 * same order: an utterance is drawn with both its counts, so what makes it hard counts for both. Reference and `seed`: as
 * `bootstrapInterval`. Throws `error-rate/no-words`, and `option/out-of-range` where there are not equally many.
 */
export function pairedBootstrapInterval(
  before: readonly ErrorCounts[],
  after: readonly ErrorCounts[],
  { seed }: { readonly seed: number },
): Interval {
  assertInteger('after.length', after.length, before.length, before.length);
  wordErrorRate(sumErrors(before));
  const more = Float64Array.from(before, (counts, index) => errorsIn(after[index]!) - errorsIn(counts));
  return resampledInterval(more, wordsOf(before), seed);
}

function wordsOf(utterances: readonly ErrorCounts[]): Float64Array {
  return Float64Array.from(utterances, ({ words }) => words);
}

function resampledInterval(errors: Float64Array, words: Float64Array, seed: number): Interval {
  const random = Random.seeded(seed);
  const rates = Float64Array.from({ length: RESAMPLES }, () => resampledRate(errors, words, random)).toSorted();
  return { low: quantile(rates, 0.025), high: quantile(rates, 0.975) };
}

/**
 * 95 % interval of `errors / total` where each item is right or wrong on its own, as isolated words are; sensible for
 * few items and for no error at all. Reference: Wilson, 1927, "Probable inference, the law of succession, and
 * statistical inference".
 */
export function wilsonInterval(errors: number, total: number): Interval {
  assertInteger('total', total, 1, Number.MAX_SAFE_INTEGER);
  assertInteger('errors', errors, 0, total);
  const rate = errors / total;
  const square = TWO_SIDED_95 ** 2;
  const center = (rate + square / (2 * total)) / (1 + square / total);
  const half = (TWO_SIDED_95 * Math.sqrt((rate * (1 - rate) + square / (4 * total)) / total)) / (1 + square / total);
  // The bounds at 0 and at `total` errors are exactly 0 and 1; rounding must not push them out.
  return { low: errors === 0 ? 0 : center - half, high: errors === total ? 1 : center + half };
}

function resampledRate(errors: Float64Array, words: Float64Array, random: Random): number {
  let errorSum = 0;
  let wordSum = 0;
  for (let draw = 0; draw < errors.length; draw++) {
    const index = random.integer(errors.length);
    errorSum += errors[index]!;
    wordSum += words[index]!;
  }
  // Only utterances without words were drawn: no rate is defined, and no word was missed.
  return wordSum === 0 ? 0 : errorSum / wordSum;
}

/** Linear interpolation between order statistics of the ascending `sorted`. */
function quantile(sorted: Float64Array, fraction: number): number {
  const position = fraction * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}
