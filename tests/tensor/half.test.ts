import { describe, expect, test } from 'vitest';

import { fromHalves, roundToHalf, toHalves } from '../../src/tensor/half.ts';

/** All numbers that a half can hold, from 0 up, by their bits. */
const SIZES = fromHalves(Uint16Array.from({ length: 0x7c_00 }, (_, bits) => bits));

describe('half precision', () => {
  test('gives back the bits of every finite half, of both signs', () => {
    const bits = Uint16Array.from([...SIZES.keys()].flatMap((each) => [each, each | 0x80_00]));
    expect(toHalves(fromHalves(bits))).toEqual(bits);
  });

  test('has the numbers of IEEE 754', () => {
    const known = Uint16Array.of(0x00_01, 0x03_ff, 0x04_00, 0x35_55, 0x3c_00, 0x3c_01, 0x7b_ff, 0xc0_00, 0x80_00);
    expect([...fromHalves(known)]).toEqual([
      2 ** -24,
      (2 ** -14 * 1023) / 1024,
      2 ** -14,
      0.333251953125,
      1,
      1 + 2 ** -10,
      65_504,
      -2,
      -0,
    ]);
    expect([...fromHalves(Uint16Array.of(0x7c_00, 0xfc_00, 0x7e_00))]).toEqual([Infinity, -Infinity, Number.NaN]);
  });

  test('rounds to the nearer neighbor, and from the middle to the even one', () => {
    for (let lower = 0; lower + 1 < SIZES.length; lower++) {
      const [below, above] = [SIZES[lower]!, SIZES[lower + 1]!];
      const middle = (below + above) / 2;
      const nudge = (above - below) / 64;
      const even = lower % 2 === 0 ? below : above;
      expect([middle - nudge, middle, middle + nudge, -middle].map(roundToHalf)).toEqual([below, even, above, -even]);
    }
  });

  test('keeps weights finite that are too large for it', () => {
    expect([1e6, -1e6, 65_519].map(roundToHalf)).toEqual([65_504, -65_504, 65_504]);
  });

  test('is no form for numbers that it does not hold exactly', () => {
    expect(toHalves(Float32Array.of(1, 0.1))).toBeUndefined();
    expect(toHalves(Float32Array.of(Number.NaN))).toBeUndefined();
    expect(toHalves(Float32Array.of(Infinity))).toBeUndefined();
  });
});
