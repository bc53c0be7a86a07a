import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { labelShare, nBestPosteriors } from '../../src/recognizer/confidence.ts';
import { rowsOf } from '../ctc/support.ts';
import { naivePosteriors } from './naive-posteriors.ts';

describe('posteriors of an n-best list', () => {
  test('add up the hypotheses that agree, matched across insertions and deletions', () => {
    const nBest = [
      { labels: [1, 2, 3], logProbability: Math.log(0.5) },
      { labels: [2, 3], logProbability: Math.log(0.3) },
      { labels: [1, 9, 2, 4], logProbability: Math.log(0.2) },
    ];
    const [one, two, three] = nBestPosteriors([1, 2, 3], nBest);
    expect(one).toBeCloseTo(0.7, 9);
    expect(two).toBeCloseTo(1, 9);
    expect(three).toBeCloseTo(0.8, 9);
  });

  test('are those of the naive form, bit for bit, for any hypotheses', () => {
    const labels = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 9 });
    const scores = fc.oneof(fc.double({ min: -700, max: 0, noNaN: true }), fc.constant(Number.NEGATIVE_INFINITY));
    fc.assert(
      fc.property(labels, fc.array(fc.tuple(labels, scores)), (best, others) => {
        const nBest = others.map(([other, logProbability]) => ({ labels: other, logProbability }));
        expect(nBestPosteriors(best, nBest)).toEqual(naivePosteriors(best, nBest));
      }),
      { numRuns: 1000 },
    );
  });

  test('do not depend on how the scores are offset', () => {
    const list = (offset: number) => [
      { labels: [1], logProbability: -1 + offset },
      { labels: [2], logProbability: -2 + offset },
    ];
    expect(nBestPosteriors([1], list(-5000))[0]).toBeCloseTo(nBestPosteriors([1], list(0))[0] ?? 0, 9);
  });

  test('are probabilities, and 1 for what all agree on', () => {
    const labels = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 6 });
    const scores = fc.double({ min: -700, max: 0, noNaN: true });
    fc.assert(
      fc.property(labels, fc.array(fc.tuple(labels, scores), { minLength: 1 }), (best, others) => {
        const nBest = others.map(([other, logProbability]) => ({ labels: other, logProbability }));
        for (const posterior of nBestPosteriors(best, nBest)) {
          expect(posterior).toBeGreaterThanOrEqual(0);
          expect(posterior).toBeLessThanOrEqual(1);
        }
        const unanimous = nBest.map(({ logProbability }) => ({ labels: best, logProbability }));
        for (const posterior of nBestPosteriors(best, unanimous)) expect(posterior).toBeCloseTo(1, 9);
      }),
    );
  });

  test('are 1 where there is no list, or one in which nothing is possible', () => {
    expect(nBestPosteriors([1, 2], [])).toEqual([1, 1]);
    expect(nBestPosteriors([1], [{ labels: [2], logProbability: Number.NEGATIVE_INFINITY }])).toEqual([1]);
  });
});

describe('the share of a label', () => {
  const aligned = { label: 1, first: 0, last: 1, peak: 0, peakProbability: 0.4 };
  const rows = rowsOf([
    [0.2, 0.4, 0.4, 0],
    [0.5, 0.2, 0, 0.3],
    [0, 0, 1, 0],
  ]);

  test('is taken among the allowed labels, over its own rows', () => {
    expect(labelShare(rows, aligned, [1, 2, 3])).toBeCloseTo(0.6 / 1.3, 9);
    expect(labelShare(rows, aligned, [1, 2])).toBeCloseTo(0.6, 9);
    expect(labelShare(rows, aligned, [1])).toBe(1);
  });

  test('is 0 where no label was possible', () => {
    expect(
      labelShare(
        rowsOf([
          [1, 0],
          [1, 0],
        ]),
        aligned,
        [1],
      ),
    ).toBe(0);
  });
});
