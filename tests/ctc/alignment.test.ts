import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { HearkenError } from '../../src/errors.ts';
import { alignLabels, type CtcAlignment } from '../../src/ctc/alignment.ts';
import type { LogProbabilityRows } from '../../src/ctc/log-probabilities.ts';
import { naiveAlignment } from './naive-alignment.ts';
import { anyRows, enumeratePaths, collapse, rowsOf } from './support.ts';

const sequences = [[], [1], [2], [1, 1], [1, 2], [2, 1, 2], [2, 2, 1]];

/** None where the labels are refused. */
function alignmentOf(rows: LogProbabilityRows, labels: readonly number[]): CtcAlignment | undefined {
  try {
    return alignLabels(rows, labels);
  } catch (error) {
    if (error instanceof HearkenError && error.code === 'search/not-alignable') return undefined;
    throw error;
  }
}

describe('the forced alignment', () => {
  test('is the likeliest of all paths that spell the labels, or refused where there is none', () => {
    fc.assert(
      fc.property(anyRows(2, { min: 0, max: 6 }), fc.constantFrom(...sequences), (rows, labels) => {
        const spelling = [...enumeratePaths(rows)].filter(({ path }) => collapse(path).join() === labels.join());
        const best = Math.max(0, ...spelling.map(({ probability }) => probability));
        const found = Math.exp(alignmentOf(rows, labels)?.logProbability ?? Number.NEGATIVE_INFINITY);
        expect(found).toBeCloseTo(best, 12);
      }),
    );
  });

  test('places every label in rows of its own, in order, with the peak inside', () => {
    fc.assert(
      fc.property(anyRows(2, { min: 7, max: 12 }), fc.constantFrom(...sequences), (rows, labels) => {
        const positive = { width: rows.width, data: rows.data.map((value) => Math.max(value, -20)) };
        let previous = -1;
        for (const aligned of alignLabels(positive, labels).labels) {
          expect(aligned.first).toBeGreaterThan(previous);
          expect(aligned.peak).toBeGreaterThanOrEqual(aligned.first);
          expect(aligned.last).toBeGreaterThanOrEqual(aligned.peak);
          expect(aligned.peakProbability).toBe(Math.exp(positive.data[aligned.peak * 3 + aligned.label] ?? 1));
          previous = aligned.last;
        }
        expect(previous).toBeLessThan(rows.data.length / rows.width);
      }),
    );
  });

  test('is that of the naive form, bit for bit', () => {
    const labels = fc.array(fc.constantFrom(1, 2, 3), { maxLength: 6 });
    fc.assert(
      fc.property(anyRows(3, { min: 0, max: 20 }), labels, (rows, spoken) => {
        expect(alignmentOf(rows, spoken)?.labels).toEqual(naiveAlignment(rows, spoken));
      }),
      { numRuns: 500 },
    );
  });

  test('finds a label where it is spoken', () => {
    const spoken = [0, 0, 1, 1, 0, 2, 0];
    const rows = rowsOf(spoken.map((symbol) => [0, 1, 2].map((other) => (other === symbol ? 0.8 : 0.1))));
    expect(alignLabels(rows, [1, 2]).labels).toMatchObject([
      { label: 1, first: 2, last: 3, peak: 2 },
      { label: 2, first: 5, last: 5, peak: 5 },
    ]);
  });

  test('of nothing with nothing is empty, and of labels without rows refused', () => {
    expect(alignLabels(rowsOf([], 3), [])).toEqual({ labels: [], logProbability: 0 });
    expect(() => alignLabels(rowsOf([], 3), [1, 2])).toThrow(
      'Expected `labels` that a path of 0 rows can spell, got [1, 2]',
    );
  });
});
