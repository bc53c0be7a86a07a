import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  bootstrapInterval,
  countErrors,
  type ErrorCounts,
  errorsIn,
  sumErrors,
  wilsonInterval,
  wordErrorRate,
} from '../../src/text/error-rate.ts';

const words = fc.array(fc.constantFrom('one', 'two', 'three'), { maxLength: 7 });

/** Fewest errors by trying every alignment. */
function fewestErrors(reference: readonly string[], hypothesis: readonly string[]): number {
  const [first, ...reference2] = reference;
  const [heard, ...hypothesis2] = hypothesis;
  if (first === undefined) return hypothesis.length;
  if (heard === undefined) return reference.length;
  return Math.min(
    fewestErrors(reference2, hypothesis2) + (first === heard ? 0 : 1),
    fewestErrors(reference2, hypothesis) + 1,
    fewestErrors(reference, hypothesis2) + 1,
  );
}

function counts(errors: number, wordCount: number): ErrorCounts {
  return { substitutions: errors, insertions: 0, deletions: 0, words: wordCount };
}

describe('errors', () => {
  test('are as few as the best of all alignments has, and explain both lengths', () => {
    fc.assert(
      fc.property(words, words, (reference, hypothesis) => {
        const counted = countErrors(reference, hypothesis);
        expect(errorsIn(counted)).toBe(fewestErrors(reference, hypothesis));
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

  test('is a point where all utterances are alike, and holds the rate', () => {
    expect(bootstrapInterval([counts(1, 4), counts(1, 4)], { seed: 1 })).toEqual({ low: 0.25, high: 0.25 });
    const { low, high } = bootstrapInterval(utterances, { seed: 3 });
    expect(low).toBeLessThan(0.02);
    expect(high).toBeGreaterThan(0.02);
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

  test('refuses more errors than items', () => {
    expect(() => wilsonInterval(3, 2)).toThrow('Expected `errors` to be an integer in 0..2, got 3');
    expect(() => wilsonInterval(0, 0)).toThrow('Expected `total`');
  });
});
