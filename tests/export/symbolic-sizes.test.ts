import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { sizeDifference, sizeProduct, sizeSum, withSizeArithmetic } from '../../src/cell/size.ts';
import type { Polynomial } from '../../src/export/polynomial.ts';
import { SymbolicSizes } from '../../src/export/symbolic-sizes.ts';

const LETTERS = ['B', 'T', 'E'] as const;

/** What `polynomial` comes to where the letters have these sizes. */
function evaluate(polynomial: Polynomial, sizes: ReadonlyMap<string, number>): number {
  return polynomial.reduce(
    (sum, { letters, coefficient }) =>
      sum + letters.reduce((product, letter) => product * (sizes.get(letter) ?? Number.NaN), coefficient),
    0,
  );
}

type Expression = { readonly of: (letters: readonly number[]) => number; readonly degree: number };

/** Host code that computes with sizes, at random. */
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(0, 1, 2).map((letter): Expression => ({ of: (letters) => letters[letter] ?? 0, degree: 1 })),
    fc.integer({ min: -40, max: 40 }).map((value): Expression => ({ of: () => value, degree: 0 })),
    fc.tuple(tie('expression'), tie('expression'), fc.boolean()).map(
      ([a, b, isSum]): Expression => ({
        of: (letters) => (isSum ? sizeSum : sizeDifference)(a.of(letters), b.of(letters)),
        degree: Math.max(a.degree, b.degree),
      }),
    ),
    fc
      .tuple(tie('expression'), tie('expression'))
      .filter(([a, b]) => a.degree + b.degree <= 4)
      .map(
        ([a, b]): Expression => ({
          of: (letters) => sizeProduct(a.of(letters), b.of(letters)),
          degree: a.degree + b.degree,
        }),
      ),
  ),
}));
const sizesOfLetters = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 60 }), fc.nat(60));

describe('a size of dynamic axes', () => {
  test('says what host code computes with numbers, at any sizes', () => {
    fc.assert(
      fc.property(expression, sizesOfLetters, ({ of }, actual) => {
        const symbols = new SymbolicSizes();
        const size = withSizeArithmetic(symbols, () => of(LETTERS.map((letter) => symbols.letter(letter))));
        const byLetter = new Map(LETTERS.map((letter, index) => [letter, actual[index] ?? 0]));
        expect(evaluate(symbols.polynomialOf(size), byLetter)).toBe(of(actual) + 0); // 0 and not -0
      }),
    );
  });

  test('is the same number for the same size, however it was computed, and another for another', () => {
    const symbols = new SymbolicSizes();
    const [b, t] = [symbols.letter('B'), symbols.letter('T')];
    withSizeArithmetic(symbols, () => {
      expect(sizeProduct(sizeSum(b, 1), t)).toBe(sizeSum(sizeProduct(t, b), t));
      expect(sizeDifference(sizeSum(b, t), t)).toBe(b);
      expect(sizeDifference(b, b)).toBe(0);
      expect(sizeSum(b, 1)).not.toBe(b);
    });
  });

  test('divides where the quotient is whole at every size, and is refused elsewhere', () => {
    const symbols = new SymbolicSizes();
    const [b, t] = [symbols.letter('B'), symbols.letter('T')];
    const area = symbols.product([symbols.sum([b, 2]), symbols.sum([t, -1]), 12]);
    expect(symbols.quotient(area, symbols.product([4, symbols.sum([t, -1])]))).toBe(
      symbols.product([3, symbols.sum([b, 2])]),
    );
    expect(symbols.quotient(24, 4)).toBe(6);
    expect(() => symbols.quotient(area, t)).toThrow(expect.objectContaining({ code: 'export/axes' }));
    expect(() => symbols.quotient(symbols.sum([t, 1]), 2)).toThrow(
      'Expected T + 1 elements to be a multiple of 2 at every size, got a rest',
    );
    expect(() => symbols.quotient(b, 0)).toThrow(expect.objectContaining({ code: 'export/axes' }));
  });

  test('is found out where JavaScript computed with it', () => {
    const symbols = new SymbolicSizes();
    const sizes = [...LETTERS.map((letter) => symbols.letter(letter)), symbols.product([7, symbols.letter('B')])];
    const constant = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(fc.constantFrom(...sizes), fc.constantFrom(...sizes), constant, (size, other, value) => {
        const misused = [size + value, size - value, size + other, size * other, -size, size / 2 ** 17];
        if (value > 1) misused.push(size * value);
        if (size !== other) misused.push(size - other);
        for (const number of misused) {
          expect(() => symbols.isSymbol(number)).toThrow(expect.objectContaining({ code: 'export/axes' }));
        }
      }),
    );
  });

  test('is a plain number of any size where no letter is in it', () => {
    const symbols = new SymbolicSizes();
    for (const size of [0, 1, 25_247, 2 ** 20, 2 ** 31 - 1]) expect(symbols.isSymbol(size)).toBe(false);
    expect(sizeProduct(3, 4, sizeSum(1, 2), sizeDifference(5, 3))).toBe(72);
  });
});
