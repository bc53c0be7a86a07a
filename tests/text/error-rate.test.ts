import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Random } from '../../src/tensor/random.ts';
import {
  bootstrapInterval,
  countErrors,
  type ErrorCounts,
  errorsIn,
  pairedBootstrapInterval,
  sumErrors,
  wilsonInterval,
  wordErrorRate,
} from '../../src/text/error-rate.ts';

const words = fc.array(fc.constantFrom('one', 'two', 'three'), { maxLength: 7 });

type Fewest = { readonly errors: number; readonly substitutions: number };

/** Fewest errors by trying every alignment, and of the alignments with so few the most substitutions. */
function fewestErrors(reference: readonly string[], hypothesis: readonly string[]): Fewest {
  const [first, ...reference2] = reference;
  const [heard, ...hypothesis2] = hypothesis;
  if (first === undefined) return { errors: hypothesis.length, substitutions: 0 };
  if (heard === undefined) return { errors: reference.length, substitutions: 0 };
  const missed = first === heard ? 0 : 1;
  const after = ({ errors, substitutions }: Fewest, error: number, substitution: number): Fewest => ({
    errors: errors + error,
    substitutions: substitutions + substitution,
  });
  const [best] = [
    after(fewestErrors(reference2, hypothesis2), missed, missed),
    after(fewestErrors(reference2, hypothesis), 1, 0),
    after(fewestErrors(reference, hypothesis2), 1, 0),
  ].toSorted((a, b) => a.errors - b.errors || b.substitutions - a.substitutions);
  return best!;
}

function counts(errors: number, wordCount: number): ErrorCounts {
  return { substitutions: errors, insertions: 0, deletions: 0, words: wordCount };
}

describe('errors', () => {
  test('are as few as the best of all alignments has, and explain both lengths', () => {
    fc.assert(
      fc.property(words, words, (reference, hypothesis) => {
        const counted = countErrors(reference, hypothesis);
        const { errors, substitutions } = fewestErrors(reference, hypothesis);
        expect(errorsIn(counted)).toBe(errors);
        expect(counted.substitutions).toBe(substitutions);
        expect(counted.words).toBe(reference.length);
        expect(counted.insertions - counted.deletions).toBe(hypothesis.length - reference.length);
      }),
    );
  });

  test.each([
    ['a b c', 'a b c', { substitutions: 0, insertions: 0, deletions: 0, words: 3 }],
    ['a b c', 'a x c', { substitutions: 1, insertions: 0, deletions: 0, words: 3 }],
    ['a b c', 'a c', { substitutions: 0, insertions: 0, deletions: 1, words: 3 }],
    ['a b c', 'a b b c', { substitutions: 0, insertions: 1, deletions: 0, words: 3 }],
    ['a b', 'b x', { substitutions: 2, insertions: 0, deletions: 0, words: 2 }],
  ])('of "%s" heard as "%s" are told apart', (reference, hypothesis, expected) => {
    expect(countErrors(reference.split(' '), hypothesis.split(' '))).toEqual(expected);
  });

  test('make a rate over all utterances, not a mean of rates', () => {
    expect(wordErrorRate(sumErrors([counts(1, 1), counts(0, 9)]))).toBe(0.1);
    expect(wordErrorRate(countErrors(['a'], ['b', 'c', 'd']))).toBe(3);
  });

  test('are added kind by kind', () => {
    const one = { substitutions: 1, insertions: 2, deletions: 3, words: 10 };
    const other = { substitutions: 10, insertions: 20, deletions: 30, words: 100 };
    expect(sumErrors([one, other])).toEqual({ substitutions: 11, insertions: 22, deletions: 33, words: 110 });
  });

  test('of no words have no rate', () => {
    expect(() => wordErrorRate(sumErrors([]))).toThrow('Expected at least one word in the reference, got 0');
    expect(() => bootstrapInterval([], { seed: 1 })).toThrow('Expected at least one word');
  });
});

describe('the bootstrap interval', () => {
  const utterances = Array.from({ length: 200 }, (_, index) => counts(index % 10 === 0 ? 1 : 0, 5));

  test('is the same for the same seed, and another for another', () => {
    const interval = bootstrapInterval(utterances, { seed: 7 });
    expect(bootstrapInterval(utterances, { seed: 7 })).toEqual(interval);
    const uneven = utterances.map(({ substitutions }, index) => counts(substitutions, 1 + (index % 7)));
    expect(bootstrapInterval(uneven, { seed: 7 })).not.toEqual(bootstrapInterval(uneven, { seed: 8 }));
  });

  test('has the width that the central limit theorem gives for many utterances', () => {
    const { low, high } = bootstrapInterval(utterances, { seed: 7 });
    const halfWidth = (1.96 * Math.sqrt((0.1 * 0.9) / 200)) / 5;
    expect(low).toBeCloseTo(0.02 - halfWidth, 2.5);
    expect(high).toBeCloseTo(0.02 + halfWidth, 2.5);
  });

  test('lies between the 2.5th and the 97.5th percentile of 10,000 resampled rates, by linear interpolation', () => {
    const some = [counts(0, 3), counts(1, 7), counts(2, 5), counts(0, 11), counts(3, 4)];
    const random = Random.seeded(9);
    const rates: number[] = [];
    for (let resample = 0; resample < 10_000; resample++) {
      const drawn = some.map(() => some[random.integer(some.length)]!);
      rates.push(drawn.reduce((sum, one) => sum + errorsIn(one), 0) / drawn.reduce((sum, { words: n }) => sum + n, 0));
    }
    const sorted = rates.toSorted((a, b) => a - b);
    const between = (first: number, share: number): number => sorted[first]! * (1 - share) + sorted[first + 1]! * share;
    const { low, high } = bootstrapInterval(some, { seed: 9 });
    expect(low).toBeCloseTo(between(249, 0.975), 12);
    expect(high).toBeCloseTo(between(9749, 0.025), 12);
  });

  test('takes a sample without words for one without errors', () => {
    const inserted = { substitutions: 0, insertions: 1, deletions: 0, words: 0 };
    expect(bootstrapInterval([inserted, counts(1, 1), counts(1, 1)], { seed: 1 }).low).toBe(0);
  });

  test('is a point where all utterances are alike, and holds the rate', () => {
    expect(bootstrapInterval([counts(1, 4), counts(1, 4)], { seed: 1 })).toEqual({ low: 0.25, high: 0.25 });
    const { low, high } = bootstrapInterval(utterances, { seed: 3 });
    expect(low).toBeLessThan(0.02);
    expect(high).toBeGreaterThan(0.02);
  });
});

describe('the paired bootstrap interval', () => {
  const before = Array.from({ length: 200 }, (_, index) => counts(index % 4, 5));
  const after = before.map((one, index) => counts(errorsIn(one) + (index % 10 === 0 ? 1 : 0), 5));

  test('is that of what each utterance has more, whatever all have', () => {
    const interval = pairedBootstrapInterval(before, after, { seed: 7 });
    expect(interval).toEqual(
      bootstrapInterval(
        after.map((one, index) => counts(errorsIn(one) - (index % 4), 5)),
        { seed: 7 },
      ),
    );
    const apart = bootstrapInterval(after, { seed: 7 });
    expect(interval.high - interval.low).toBeLessThan((apart.high - apart.low) / 2);
    expect(interval.low).toBeGreaterThan(0);
  });

  test('is turned round with its sides, and 0 between what is the same', () => {
    const { low, high } = pairedBootstrapInterval(before, after, { seed: 7 });
    const turned = pairedBootstrapInterval(after, before, { seed: 7 });
    expect(turned.low).toBeCloseTo(-high, 12);
    expect(turned.high).toBeCloseTo(-low, 12);
    expect(pairedBootstrapInterval(before, before, { seed: 7 })).toEqual({ low: 0, high: 0 });
  });

  test('needs as many after as before, and words', () => {
    expect(() => pairedBootstrapInterval(before, after.slice(1), { seed: 7 })).toThrow('Expected `after.length`');
    expect(() => pairedBootstrapInterval([], [], { seed: 7 })).toThrow('Expected at least one word');
  });
});

describe("Wilson's interval", () => {
  test.each([
    // statsmodels, proportion_confint(errors, total, method='wilson')
    [1, 40, 0.00442683, 0.12881369],
    [29, 104, 0.20172282, 0.37172509],
    [0, 20, 0, 0.16112516],
    [20, 20, 0.83887484, 1],
  ])('of %i errors in %i is right', (errors, total, low, high) => {
    const interval = wilsonInterval(errors, total);
    expect(interval.low).toBeCloseTo(low, 8);
    expect(interval.high).toBeCloseTo(high, 8);
  });

  test('reaches 0 exactly without an error, and 1 exactly without anything right', () => {
    for (let total = 1; total <= 300; total++) {
      expect(wilsonInterval(0, total).low).toBe(0);
      expect(wilsonInterval(total, total).high).toBe(1);
    }
  });

  test('refuses more errors than items', () => {
    expect(() => wilsonInterval(3, 2)).toThrow('Expected `errors` to be an integer in 0..2, got 3');
    expect(() => wilsonInterval(0, 0)).toThrow('Expected `total`');
  });
});
