import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { ctcScores, logSpaceCtcScore } from '../../src/ctc/score.ts';
import { rankCandidates, rankSingleWords } from '../../src/recognizer/ranked-candidates.ts';
import { anyRows, ctcScore, enumerateLabels, rowsOf } from './support.ts';

const sequences = [[], [1], [2], [1, 1], [1, 2], [2, 1, 2], [1, 1, 1], [2, 2, 1, 1]];

describe('the CTC score', () => {
  test('is the sum over all paths that spell the labels', () => {
    fc.assert(
      fc.property(anyRows(2, { min: 0, max: 6 }), fc.constantFrom(...sequences), (rows, labels) => {
        expect(Math.exp(ctcScore(rows, labels))).toBeCloseTo(enumerateLabels(rows).get(labels.join()) ?? 0, 12);
      }),
    );
  });

  test('equals its definition in logarithms, also where probabilities are too small for a number', () => {
    const labels = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 8 });
    const logProbability = fc.oneof(
      { weight: 6, arbitrary: fc.double({ min: -30, max: 0, noNaN: true }) },
      fc.double({ min: -400, max: 0, noNaN: true }),
      fc.constant(Number.NEGATIVE_INFINITY),
    );
    const anyData = fc
      .nat(40)
      .chain((rowCount) => fc.array(logProbability, { minLength: 4 * rowCount, maxLength: 4 * rowCount }));
    fc.assert(
      fc.property(anyData, fc.array(labels, { maxLength: 6 }), (data, spoken) => {
        const rows = { width: 4, data: Float64Array.from(data) };
        for (const [index, score] of ctcScores(rows, spoken).entries()) {
          const expected = logSpaceCtcScore(rows, spoken[index] ?? []);
          const difference = score === expected ? 0 : Math.abs(score - expected);
          expect(difference).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected)));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is -Infinity where the labels do not fit into the rows, and never NaN', () => {
    const row = [0.2, 0.8];
    expect(ctcScore(rowsOf([row, row]), [1, 1])).toBe(Number.NEGATIVE_INFINITY);
    expect(ctcScore(rowsOf([], 2), [1])).toBe(Number.NEGATIVE_INFINITY);
    expect(ctcScore(rowsOf([[0, 0], row]), [1])).toBe(Number.NEGATIVE_INFINITY);
    expect(ctcScore(rowsOf([], 2), [])).toBe(0);
  });

  test('refuses the blank as a label', () => {
    expect(() => ctcScore(rowsOf([[0.5, 0.5]]), [0])).toThrow('Expected `labels` to hold label ids in 1..1, got 0');
  });
});

describe('candidates', () => {
  test('are ranked by their CTC score, with posteriors that sum to 1', () => {
    fc.assert(
      fc.property(anyRows(2, { min: 0, max: 5 }), (rows) => {
        const ranked = rankCandidates(rows, sequences);
        expect(ranked.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual([...sequences.keys()]);
        expect(ranked.reduce((sum, { posterior }) => sum + posterior, 0)).toBeCloseTo(1, 9);
        for (const { labels, logProbability } of ranked) expect(logProbability).toBe(ctcScore(rows, labels));
        for (let next = 1; next < ranked.length; next++) {
          expect(ranked[next]?.logProbability).toBeLessThanOrEqual(ranked[next - 1]?.logProbability ?? -Infinity);
        }
      }),
    );
  });

  test('of one word are chosen among even where a longer or an empty answer is likelier', () => {
    const rows = rowsOf([
      [0.8, 0.05, 0.15],
      [0.9, 0.04, 0.06],
    ]);
    expect(rankSingleWords(rows, [1, 2])[0]?.labels).toEqual([2]);
    expect(rankSingleWords(rows, [1])[0]?.posterior).toBe(1);
    expect(rankSingleWords(rows, [])).toEqual([]);
  });

  test('share the posterior where none is possible', () => {
    expect(rankSingleWords(rowsOf([], 3), [1, 2]).map(({ posterior }) => posterior)).toEqual([0.5, 0.5]);
  });
});
