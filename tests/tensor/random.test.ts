import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { normalArray, Random, type RandomState } from '../../src/tensor/random.ts';

function take<T>(count: number, next: () => T): T[] {
  return Array.from({ length: count }, next);
}

test("gives the numbers of the authors' program", () => {
  const random = new Random([1, 2, 3, 4]);
  expect(take(10, () => random.bits())).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
  ]);
  expect(random.state).toEqual([939045227, 1864939416, 1451579149, 2199351389]);
});

test('fills the state from a seed as splitmix32 does in C', () => {
  expect(Random.seeded(42).state).toEqual([551831576, 144025891, 322543647, 3034809370]);
  const largest = Random.seeded(0xffffffff);
  expect(largest.state).toEqual([3950124170, 4293442868, 1302505678, 2762329221]);
  expect(take(4, () => largest.bits())).toEqual([4104197751, 1825856343, 1152209388, 2427537429]);
});

test('goes on from a stored state as if it had never stopped', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), fc.nat(50), (seed, steps) => {
      const random = Random.seeded(seed);
      take(steps, () => random.normal());
      const stored = JSON.parse(JSON.stringify(random.state)) as RandomState;
      const future = take(5, () => random.normal());
      const restored = new Random(stored);
      expect(take(5, () => restored.normal())).toEqual(future);
    }),
  );
});

describe('over 200,000 draws', () => {
  const random = Random.seeded(7);

  test('uniform numbers are uniform in [0, 1)', () => {
    const draws = take(200_000, () => random.uniform());
    const bins = new Array<number>(20).fill(0);
    for (const draw of draws) bins[Math.floor(draw * 20)] = (bins[Math.floor(draw * 20)] ?? 0) + 1;
    const chiSquare = bins.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(Math.min(...draws.slice(0, 10_000))).toBeGreaterThanOrEqual(0);
    expect(bins.length).toBe(20); // no draw outside
    expect(chiSquare).toBeLessThan(43.8); // 0.1 % point, 19 degrees of freedom
  });

  test('normal numbers have the moments of a standard normal', () => {
    const draws = take(200_000, () => random.normal());
    const moment = (power: number): number => draws.reduce((sum, x) => sum + x ** power, 0) / draws.length;
    expect(draws.every(Number.isFinite)).toBe(true);
    expect(Math.abs(moment(1))).toBeLessThan(0.01);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.015);
    expect(Math.abs(moment(3))).toBeLessThan(0.04);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.1);
  });

  test('integers reach each value below their limit alike', () => {
    const counts = new Map<number, number>();
    for (const draw of take(60_000, () => random.integer(6))) counts.set(draw, (counts.get(draw) ?? 0) + 1);
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(400);
  });
});

test('near seeds give unlike sequences', () => {
  const [a, b] = [Random.seeded(1), Random.seeded(2)];
  const same = take(1000, () => a.bits() === b.bits()).filter(Boolean);
  expect(same).toEqual([]);
});

test('normal arrays have their shape and deviation', () => {
  const { shape, data } = normalArray(Random.seeded(3), [100, 50], 0.2);
  expect(shape).toEqual([100, 50]);
  expect(Math.sqrt(Array.from(data).reduce((sum, x) => sum + x * x, 0) / data.length)).toBeCloseTo(0.2, 2);
});

test.each([
  ['too few words', [1, 2, 3]],
  ['only zeros', [0, 0, 0, 0]],
  ['a word beyond 32 bits', [1, 2, 3, 2 ** 32]],
  ['a fraction', [1, 2, 3, 0.5]],
  ['a negative word', [1, 2, 3, -1]],
])('a state of %s is refused', (_, state) => {
  expect(() => new Random(state as unknown as RandomState)).toThrow(expect.objectContaining({ code: 'random/state' }));
});

test('a seed beyond 32 bits is refused', () => {
  expect(() => Random.seeded(2 ** 32)).toThrow('`seed`');
});
