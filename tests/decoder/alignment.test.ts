import { describe, expect, test } from 'vitest';

import { alignmentFigures } from '../../src/decoder/alignment.ts';

describe('alignmentFigures', () => {
  test('counts the steps on which the peak moved on, fell back or stayed', () => {
    const times = [1, 2, 2, 3];
    const rows = [
      [0.7, 0.1, 0.1, 0.1],
      [0.2, 0.5, 0.2, 0.1], // later
      [0.2, 0.2, 0.6, 0], //   another entry of the same time
      [0.4, 0.2, 0.2, 0.2], // earlier
      [0, 0, 0.1, 0.9], //     later
    ];
    expect(alignmentFigures([{ rows, times }])).toEqual({
      steps: 4,
      forward: 2,
      backward: 1,
      meanPeak: expect.closeTo(0.62, 12) as number,
    });
  });

  test('takes no step from one utterance to the next', () => {
    const late = { rows: [Float32Array.of(0, 1)], times: [0, 1] };
    const early = { rows: [Float32Array.of(1, 0)], times: [0, 1] };
    expect(alignmentFigures([late, early])).toEqual({ steps: 0, forward: 0, backward: 0, meanPeak: 1 });
    expect(alignmentFigures([])).toEqual({ steps: 0, forward: 0, backward: 0, meanPeak: 0 });
  });

  test('refuses a row that does not match the entries', () => {
    expect(() => alignmentFigures([{ rows: [[1]], times: [0, 1] }])).toThrow(
      'Expected `rows` of 1 or more entries, as many as `times` has (2), got 1',
    );
  });
});
