import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { DEFAULT_DECODING } from '../../src/model/decoding.ts';
import { segmentWords } from '../../src/recognizer/word-times.ts';
import { naiveSegments } from './naive-segments.ts';
import { Random } from '../../src/tensor/random.ts';

const decoding = DEFAULT_DECODING;
const NOISE = -7.4;

type Spoken = { readonly start: number; readonly end: number; readonly peak: number };

/** Words of random lengths with random gaps, in seconds, each emitted about when it ends. */
function speak(random: Random, { count, gap, lateness }: { count: number; gap: number; lateness: number }): Spoken[] {
  const spoken: Spoken[] = [];
  let start = 0.4;
  for (let word = 0; word < count; word++) {
    const end = start + 0.2 + 0.4 * random.uniform();
    const peak = Math.round((end - 0.04 + lateness + 0.05 * random.normal()) / 0.04);
    spoken.push({ start, end, peak: Math.max(peak, (spoken.at(-1)?.peak ?? -1) + 1) });
    start = end + gap * (0.5 + random.uniform());
  }
  return spoken;
}

/** What the words add to the noise: each swells and fades. */
function energiesOf(spoken: readonly Spoken[], random: Random): Float32Array {
  const rowCount = Math.floor(((spoken.at(-1)?.end ?? 0) + 0.7) / 0.04);
  return Float32Array.from({ length: rowCount }, (_, row) => {
    const power = spoken.reduce((sum, { start, end }) => {
      const overlap = Math.max(0, Math.min(end, (row + 1) * 0.04) - Math.max(start, row * 0.04)) / 0.04;
      const place = ((row + 0.5) * 0.04 - start) / (end - start);
      return sum + overlap * Math.exp(-8 * Math.abs(place - 0.45) ** 1.5);
    }, Math.exp(NOISE));
    return Math.log(power) + 0.15 * random.normal();
  });
}

function meanErrors(gap: number, lateness: number) {
  const random = Random.seeded(5);
  const misses = Array.from({ length: 50 }, () => {
    const spoken = speak(random, { count: 6, gap, lateness });
    const peaks = spoken.map(({ peak }) => peak);
    const segments = segmentWords({ decoding, peaks, energies: energiesOf(spoken, random), secondsPerVector: 0.04 });
    return segments.map((segment, index) => ({
      start: Math.abs(segment.start * 0.04 - (spoken[index]?.start ?? Number.NaN)),
      end: Math.abs(segment.end * 0.04 - (spoken[index]?.end ?? Number.NaN)),
    }));
  }).flat();
  const mean = (pick: (miss: { start: number; end: number }) => number) =>
    misses.reduce((sum, miss) => sum + pick(miss), 0) / misses.length;
  return { start: mean(({ start }) => start), end: mean(({ end }) => end) };
}

describe('segments of words', () => {
  test.each([
    ['with pauses between them', 0.2, 0.02, 0.02],
    ['emitted late', 0.2, 0.1, 0.02],
    ['that follow each other closely', 0.03, 0.02, 0.035],
  ])('%s lie on average within a vector of the truth', (_, gap, lateness, seconds) => {
    const { start, end } = meanErrors(gap, lateness);
    expect(start).toBeLessThan(seconds);
    expect(end).toBeLessThan(seconds);
  });

  test('reach back to the sound that had ended before its word was emitted', () => {
    const energies = Float32Array.from({ length: 30 }, (_, row) => (row >= 8 && row < 16 ? 0 : NOISE));
    expect(segmentWords({ decoding, peaks: [18], energies, secondsPerVector: 0.04 })).toEqual([{ start: 8, end: 16 }]);
  });

  test('do not take what fills up the end of a recording for the silence of the room', () => {
    const room = Float32Array.from({ length: 30 }, (_, row) => (row >= 8 && row < 16 ? -2 : -5.8));
    const filledUp = Float32Array.of(...room, ...new Float32Array(5).fill(-14));
    expect(segmentWords({ decoding, peaks: [15], energies: filledUp, secondsPerVector: 0.04 })).toEqual([
      { start: 8, end: 16 },
    ]);
  });

  test('hold a short closure inside the word', () => {
    const energies = Float32Array.from({ length: 30 }, (_, row) => (row >= 8 && row < 20 && row !== 15 ? 0 : NOISE));
    expect(segmentWords({ decoding, peaks: [18], energies, secondsPerVector: 0.04 })).toEqual([{ start: 8, end: 20 }]);
  });

  const input = fc.record({
    energies: fc.array(fc.oneof(fc.double({ min: -16, max: 10, noNaN: true }), fc.constantFrom(0, NOISE)), {
      minLength: 1,
      maxLength: 60,
    }),
    secondsPerVector: fc.constantFrom(0.01, 0.04, 0.08, 1.5),
    isWord: fc.array(fc.boolean(), { minLength: 60, maxLength: 60 }),
  });

  test('are those of the naive form, for any energies and any peaks', () => {
    fc.assert(
      fc.property(input, ({ isWord, ...words }) => {
        const peaks = words.energies.flatMap((__, row) => (isWord[row] ? [row] : []));
        expect(segmentWords({ decoding, ...words, peaks })).toEqual(naiveSegments({ decoding, ...words, peaks }));
      }),
      { numRuns: 500 },
    );
  });

  test('are one a word, in order, disjoint and inside the rows, for any energies and any peaks', () => {
    fc.assert(
      fc.property(input, ({ isWord, ...words }) => {
        const peaks = words.energies.flatMap((__, row) => (isWord[row] ? [row] : []));
        const segments = segmentWords({ decoding, ...words, peaks });
        expect(segments.length).toBe(peaks.length);
        let previous = 0;
        for (const [index, { start, end }] of segments.entries()) {
          expect(start).toBeGreaterThanOrEqual(previous);
          expect(start).toBeLessThanOrEqual(peaks[index] ?? -1);
          expect(end).toBeGreaterThan(start);
          previous = end;
        }
        expect(previous).toBeLessThanOrEqual(words.energies.length);
      }),
      { numRuns: 500 },
    );
  });
});
