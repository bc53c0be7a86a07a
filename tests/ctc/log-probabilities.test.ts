import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { allowedLabels, countRows, logAdd, logSum } from '../../src/ctc/log-probabilities.ts';
import { initCtcHead } from '../../src/ctc/head.ts';
import { Random } from '../../src/tensor/random.ts';

const logarithms = fc.oneof(fc.double({ min: -700, max: 0, noNaN: true }), fc.constant(Number.NEGATIVE_INFINITY));

describe('sums of probabilities by their logarithms', () => {
  test('are the logarithm of the sum, however small its parts, and of nothing that of 0', () => {
    expect(logSum([])).toBe(Number.NEGATIVE_INFINITY);
    expect(logSum([Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
    expect(logSum([-10_000, -10_000])).toBeCloseTo(-10_000 + Math.LN2, 9);
    expect(logSum([-3, -1, -2])).toBeCloseTo(Math.log(Math.exp(-3) + Math.exp(-1) + Math.exp(-2)), 14);
  });

  test('are the same two at a time and all at once, in any order', () => {
    fc.assert(
      fc.property(fc.array(logarithms, { maxLength: 8 }), (values) => {
        const atOnce = logSum(values);
        for (const order of [values, values.toReversed()]) {
          const added = order.reduce(logAdd, Number.NEGATIVE_INFINITY);
          expect(added === atOnce || Math.abs(added - atOnce) < 1e-9 * Math.max(1, Math.abs(atOnce))).toBe(true);
        }
      }),
    );
  });
});

describe('rows of log-probabilities', () => {
  test('are counted', () => {
    expect(countRows({ width: 2, data: new Float32Array(6) })).toBe(3);
    expect(countRows({ width: 2, data: new Float32Array(0) })).toBe(0);
  });

  test.each([
    [1, [0], 'Expected `width` to be an integer of at least 2, got 1'],
    [2.5, [0, 0, 0, 0, 0], 'Expected `width` to be an integer of at least 2, got 2.5'],
    [2, [0, 0, 0], 'Expected `data` of n * 2 numbers, got 3'],
    [2, [0, 0, 0, Number.NaN], 'Expected log-probabilities, got NaN at row 1, column 1'],
    [3, [0, 0, 0, Number.POSITIVE_INFINITY, 0, 0], 'Expected log-probabilities, got Infinity at row 1, column 0'],
  ])('of width %d with %j are refused', (width, data, message) => {
    expect(() => countRows({ width, data: Float64Array.from(data) })).toThrow(message);
  });
});

test('a search may use all labels, or those it is allowed, once each and in their order', () => {
  expect(allowedLabels(3, undefined)).toEqual([1, 2, 3]);
  expect(allowedLabels(12, [10, 2, 10])).toEqual([2, 10]);
  for (const label of [0, 4, 1.5]) {
    expect(() => allowedLabels(3, [label])).toThrow(`Expected \`allowed\` to hold label ids in 1..3, got ${label}`);
  }
});

test('a head that is not trained yet is inclined to blank', () => {
  const head = initCtcHead(4, 3, Random.seeded(1));
  expect(head['head.bias']).toEqual({ shape: [4], data: new Float32Array([1, 0, 0, 0]) });
  expect(head['head.kernel']?.shape).toEqual([4, 4]);
  expect(head['head.kernel']?.data.length).toBe(16);
});
