import fc from 'fast-check';
import { expect, test } from 'vitest';

import { placeLabels } from '../../../cli/picture/word-lanes.ts';

test('a label for which there is no room on the first line stands on the second', () => {
  const labels = [100, 120, 150].map((center) => ({ text: `${center}`, center, width: 40 }));
  expect(placeLabels(labels, { gap: 4, maximum: 3 })).toEqual({
    placed: [
      { text: '100', x: 80, lane: 0 },
      { text: '120', x: 100, lane: 1 },
      { text: '150', x: 130, lane: 0 },
    ],
    laneCount: 2,
    leftOut: 0,
  });
});

test('every label is placed or counted, and none covers another', () => {
  const label = fc.record({ center: fc.integer({ min: 0, max: 1000 }), width: fc.integer({ min: 1, max: 90 }) });
  fc.assert(
    fc.property(fc.array(label, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (sizes, maximum) => {
      const labels = sizes
        .toSorted((a, b) => a.center - b.center)
        .map((size, index) => Object.assign(size, { text: `${index}` }));
      const { placed, laneCount, leftOut } = placeLabels(labels, { gap: 4, maximum });
      expect(placed.length + leftOut).toBe(labels.length);
      expect(laneCount).toBeLessThanOrEqual(maximum);
      for (const { x, lane, text } of placed) {
        const end = x + (labels[Number(text)]?.width ?? 0) + 4;
        const inTheWay = placed.filter(
          (other) => other.lane === lane && Number(other.text) > Number(text) && other.x < end,
        );
        expect(inTheWay).toEqual([]);
      }
    }),
  );
});
