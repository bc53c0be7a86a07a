import { describe, expect, test } from 'vitest';

import { explainSize, type SizeExpression, standInsOf } from '../../src/export/axis-sizes.ts';

const cell = {
  name: 'cell',
  inputs: {
    x: { shape: ['B', 'T', 4], dtype: 'float32' },
    y: { shape: ['B', 'E', 'Q', 'R'], dtype: 'float32' },
  },
  outputs: {},
  run: () => ({}),
} as const;
const [B = 0, T = 0, E = 0, Q = 0, R = 0] = standInsOf(cell).values();
const known = [B, T, E, Q, R];

/** What `expression` comes to when the stand-ins are replaced by `actual` sizes. */
function evaluate(expression: SizeExpression, actual: ReadonlyMap<number, number>): number {
  switch (expression.kind) {
    case 'constant':
      return expression.value;
    case 'axis':
      return actual.get(expression.size) ?? Number.NaN;
    case 'product':
      return (actual.get(expression.size) ?? Number.NaN) * evaluate(expression.factor, actual);
    case 'linear':
      return expression.terms.reduce((sum, { size, coefficient }) => {
        return sum + coefficient * (actual.get(size) ?? Number.NaN);
      }, expression.offset);
    default:
      return expression satisfies never;
  }
}

describe('explainSize', () => {
  test.each<readonly [string, (b: number, t: number, e: number) => number]>([
    ['an axis', (b) => b],
    ['a product of two axes', (b, t) => b * t],
    ['a product of three axes and a constant', (b, t, e) => b * t * e * 12],
    ['a square', (_, t) => t * t],
    ['an axis and a constant', (_, t) => t + 31],
    ['an axis less a constant', (_, t) => t - 1],
    ['twice an axis and a constant', (_, t) => 2 * t + 3],
    ['a multiple of an axis', (_, t) => 768 * t],
    ['a sum of axes', (_, t, e) => t + e],
    ['a difference of axes', (_, t, e) => e - t],
    ['a sum of axes and a constant', (_, t, e) => t + e + 7],
    ['a product of an axis and a sum', (b, t) => b * (t + 2)],
    ['a constant', () => 1536],
    ['a large constant', () => 32_768],
  ])('finds %s', (_, size) => {
    const expression = explainSize(size(B, T, E), [...known, T + 2]);
    for (const [b, t, e] of [
      [1, 40, 50],
      [3, 41, 72],
    ] as const) {
      const actual = new Map([
        [B, b],
        [T, t],
        [E, e],
        [T + 2, t + 2],
      ]);
      expect(evaluate(expression, actual)).toBe(size(b, t, e));
    }
  });

  test('takes no size of a model for a dynamic one', () => {
    const sizes = Array.from({ length: 10_000 }, (_, size) => size);
    const powers = Array.from({ length: 12 }, (_, exponent) => 2 ** (9 + exponent));
    for (const size of [...sizes, ...powers, ...powers.map((power) => 3 * power)]) {
      expect(explainSize(size, known)).toEqual({ kind: 'constant', value: size });
    }
  });
});
