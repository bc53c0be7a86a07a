import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Random } from '../../src/tensor/random.ts';
import { specAugment } from '../../src/training/spec-augment.ts';

const OPTIONS = { frequencyMasks: 2, frequencyMaskBands: 3, timeMasksPerSecond: 1, timeMaskFrames: 4 };

describe('specAugment', () => {
  test('masks whole bands and whole frames, no more of them than asked, and leaves the rest as it was', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.integer({ min: 5, max: 60 }), (seed, frameCount) => {
        const bands = 8;
        const frames = new Float32Array(2 * frameCount * bands).fill(1);
        const masked = specAugment(frames, [2, frameCount, bands], OPTIONS, Random.seeded(seed));
        expect(frames.every((value) => value === 1)).toBe(true);
        for (const row of [0, 1]) {
          const at = (frame: number, band: number): number => masked[(row * frameCount + frame) * bands + band] ?? 9;
          const all = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
          const hiddenBands = all(bands).filter((band) => all(frameCount).every((frame) => at(frame, band) === 0));
          const hiddenFrames = all(frameCount).filter((frame) => all(bands).every((band) => at(frame, band) === 0));
          expect(hiddenBands.length).toBeLessThanOrEqual(6);
          expect(hiddenFrames.length).toBeLessThanOrEqual(4);
          for (const frame of all(frameCount)) {
            for (const band of all(bands)) {
              const isHidden = hiddenBands.includes(band) || hiddenFrames.includes(frame);
              expect(at(frame, band)).toBe(isHidden ? 0 : 1);
            }
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('changes nothing where no masks are asked for', () => {
    const frames = Float32Array.from({ length: 40 }, (_, index) => index);
    const none = { frequencyMasks: 0, frequencyMaskBands: 3, timeMasksPerSecond: 0, timeMaskFrames: 4 };
    expect(specAugment(frames, [1, 5, 8], none, Random.seeded(1))).toEqual(frames);
  });
});
