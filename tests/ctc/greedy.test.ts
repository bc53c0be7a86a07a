import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { decodeGreedily } from '../../src/ctc/greedy.ts';
import { anyRows, collapse, enumeratePaths, rowsOf } from './support.ts';

describe('greedy decoding', () => {
  test('spells the single best path', () => {
    fc.assert(
      fc.property(anyRows(2, { min: 0, max: 6 }), (rows) => {
        const best = [...enumeratePaths(rows)].reduce((one, other) =>
          other.probability > one.probability ? other : one,
        );
        const greedy = decodeGreedily(rows);
        expect(Math.exp(greedy.logProbability)).toBeCloseTo(best.probability, 12);
      }),
    );
  });

  test('merges repeats, keeps labels that a blank parts, and says where each begins', () => {
    const symbols = [0, 1, 1, 0, 1, 2, 2, 0];
    const rows = rowsOf(symbols.map((symbol) => [0, 1, 2].map((other) => (other === symbol ? 0.8 : 0.1))));
    expect(decodeGreedily(rows)).toMatchObject({ labels: collapse(symbols), rows: [1, 4, 5] });
    expect(decodeGreedily(rows).labels).toEqual([1, 1, 2]);
  });

  test('looks only at allowed labels', () => {
    const rows = rowsOf([
      [0.2, 0.5, 0.3],
      [0.1, 0.8, 0.1],
    ]);
    expect(decodeGreedily(rows, [2]).labels).toEqual([2]);
    expect(decodeGreedily(rows, []).labels).toEqual([]);
  });

  test('of no rows is empty, and certain', () => {
    expect(decodeGreedily(rowsOf([], 3))).toEqual({ labels: [], rows: [], logProbability: 0 });
  });
});
