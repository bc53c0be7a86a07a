import fc from 'fast-check';
import { expect, test } from 'vitest';

import { joinCells, regrid } from '../../../cli/picture/share-cells.ts';

const shares = fc
  .array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 })
  .map((weights) => {
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return Float32Array.from(weights, (weight) => weight / sum);
  });
const sumOf = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

test('joining cells keeps the whole attention and the whole time', () => {
  fc.assert(
    fc.property(shares, fc.integer({ min: 1, max: 80 }), (all, maximum) => {
      const joined = joinCells({ shares: all, secondsPerCell: 0.04 }, maximum);
      expect(joined.shares.length).toBeLessThanOrEqual(maximum);
      expect(sumOf(joined.shares)).toBeCloseTo(1, 5);
      expect(joined.shares.length * joined.secondsPerCell).toBeGreaterThanOrEqual(all.length * 0.04 - 1e-9);
    }),
  );
});

test('another grid over the same time keeps the whole attention', () => {
  fc.assert(
    fc.property(shares, fc.integer({ min: 1, max: 9 }), (all, factor) => {
      const grid = regrid({ shares: all, secondsPerCell: 0.04 * factor }, 0.04, all.length * factor);
      expect(sumOf(grid)).toBeCloseTo(1, 4);
    }),
  );
});

test('a share lands on the cells of its own time', () => {
  const grid = regrid({ shares: Float32Array.of(0, 1), secondsPerCell: 0.4 }, 0.2, 6);
  expect([...grid]).toEqual([0, 0, 0.5, 0.5, 0, 0]);
});
