import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { between, integerBetween, pick, randomFor, shuffled } from '../../corpora/draw.ts';

describe('draws', () => {
  test('depend on every part of the seed and on nothing else', () => {
    const first = (...seed: number[]): number => randomFor(...seed).bits();
    expect(first(1, 2, 3)).toBe(first(1, 2, 3));
    const seeds = [first(1, 2, 3), first(1, 3, 2), first(1, 2, 4), first(2, 2, 3), first(1, 2)];
    expect(new Set(seeds).size).toBe(seeds.length);
  });

  test('stay in range', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: -50, max: 50 }), fc.nat(20), (seed, low, width) => {
        const random = randomFor(seed);
        const whole = integerBetween(random, low, low + width);
        const real = between(random, low, low + width);
        expect(Number.isInteger(whole) && whole >= low && whole <= low + width).toBe(true);
        expect(real >= low && real <= low + width).toBe(true);
      }),
    );
  });

  test('reach both ends of an integer range', () => {
    const random = randomFor(5);
    const drawn = new Set(Array.from({ length: 200 }, () => integerBetween(random, 4, 8)));
    expect(drawn).toEqual(new Set([4, 5, 6, 7, 8]));
  });

  test('shuffle without losing or repeating', () => {
    const items = Array.from({ length: 30 }, (_, index) => index);
    const deck = shuffled(randomFor(9), items);
    expect(deck.toSorted((a, b) => a - b)).toEqual(items);
    expect(deck).not.toEqual(items);
    expect(items).toContain(pick(randomFor(2), items));
  });
});
