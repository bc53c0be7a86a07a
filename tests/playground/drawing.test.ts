import fc from 'fast-check';
import { expect, test } from 'vitest';

import { BLANK, drawingOf, SIDE, withStroke } from '../../playground/sight/drawing.ts';

const inside = fc.double({ min: 0, max: SIDE, noNaN: true });
const place = fc.record({ x: inside, y: inside });

test('a stroke makes its line bright and dims nothing', () => {
  fc.assert(
    fc.property(place, place, place, place, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, c, d, along) => {
      const before = withStroke(BLANK, a, b);
      const after = withStroke(before, c, d);
      expect(after.pixels.every((pixel, index) => pixel >= before.pixels[index]! && pixel <= 1)).toBe(true);
      const [x, y] = [c.x + along * (d.x - c.x), c.y + along * (d.y - c.y)];
      const [column, row] = [Math.min(SIDE - 1, Math.floor(x)), Math.min(SIDE - 1, Math.floor(y))];
      expect(after.pixels[row * SIDE + column]).toBeGreaterThan(0.9);
    }),
  );
});

test('a picture is seen by its brightness', () => {
  const rgba = Uint8ClampedArray.from({ length: SIDE * SIDE * 4 }, (_, index) => (index < 4 ? 255 : 0));
  const { pixels } = drawingOf(rgba);
  expect([pixels[0], pixels[1]]).toEqual([1, 0]);
  expect(pixels).toHaveLength(SIDE * SIDE);
});
