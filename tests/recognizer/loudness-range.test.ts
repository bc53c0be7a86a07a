import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { type LoudnessState, loudnessRange, trackLoudness } from '../../src/recognizer/endpointing.ts';

const memory = { partLength: 4, partCount: 3 };

function track(energies: readonly number[]): LoudnessState {
  const [first = 0, ...rest] = energies;
  return rest.reduce((state, energy) => trackLoudness(state, energy, memory), trackLoudness(undefined, first, memory));
}

describe('the loudness range', () => {
  test('spans the extremes of the smoothed energy since the oldest part remembered', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -16, max: 5, noNaN: true }), { minLength: 1, maxLength: 60 }),
        (energies) => {
          const smoothed: number[] = [];
          for (const energy of energies) smoothed.push(0.6 * (smoothed.at(-1) ?? energy) + 0.4 * energy);
          const partsBefore = Math.floor((energies.length - 1) / 4);
          const remembered = smoothed.slice(Math.max(0, partsBefore - 2) * 4);
          const { quiet, loud } = loudnessRange(track(energies));
          expect(quiet).toBeCloseTo(Math.min(...remembered), 9);
          expect(loud).toBeCloseTo(Math.max(...remembered), 9);
        },
      ),
    );
  });

  test('forgets a silence and a bang after its memory, and no sooner', () => {
    const after = (count: number) => loudnessRange(track([-10, 10, ...Array.from({ length: count }, () => 0)]));
    expect(after(9)).toEqual(expect.objectContaining({ quiet: -10 }));
    expect(after(40).quiet).toBeCloseTo(0, 3);
    expect(after(40).loud).toBeCloseTo(0, 3);
  });

  test('keeps a state of constant size', () => {
    const { minima, maxima } = track(Array.from({ length: 1000 }, (_, index) => Math.sin(index)));
    expect([minima.length, maxima.length]).toEqual([3, 3]);
  });
});
