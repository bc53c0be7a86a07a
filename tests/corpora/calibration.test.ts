import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { calibrationOf, fitConfidence, type Judged } from '../../corpora/calibration.ts';
import { judge } from '../../corpora/scores.ts';
import { calibrated } from '../../src/recognizer/confidence.ts';
import { Random } from '../../src/tensor/random.ts';

/** `count` words whose probability of being right is `truth` of their shares. */
function drawn(count: number, truth: { readonly scale: number; readonly shift: number }, seed: number): Judged[] {
  const random = Random.seeded(seed);
  return Array.from({ length: count }, () => {
    const confidence = 1 / (1 + Math.exp(-(2 + 2 * random.normal())));
    return { confidence, isRight: random.uniform() < calibrated(confidence, truth) };
  });
}

describe('reliability', () => {
  test('is told in steps of a tenth, each with its mean confidence and its share of right words', () => {
    const judged = [
      { confidence: 0.95, isRight: true },
      { confidence: 1, isRight: false },
      { confidence: 0.2, isRight: false },
      { confidence: 0.25, isRight: true },
    ];
    const { words, rows, expectedCalibrationError } = calibrationOf(judged);
    expect(words).toBe(4);
    expect(rows).toEqual([
      { from: 0.2, to: 0.3, words: 2, confidence: 0.225, right: 0.5 },
      { from: 0.9, to: 1, words: 2, confidence: 0.975, right: 0.5 },
    ]);
    expect(expectedCalibrationError).toBeCloseTo((2 * 0.275 + 2 * 0.475) / 4, 12);
  });

  test('of no words has no rows and no error', () => {
    expect(calibrationOf([])).toEqual({ words: 0, expectedCalibrationError: 0, rows: [] });
  });

  test('judges each word that was heard, also those that nobody said', () => {
    const item = { kind: 'connected', speaker: 'a', said: ['one', 'two'] } as const;
    const heard = [
      { ...item, heard: ['one', 'oh', 'two'], confidences: [0.9, 0.4, 0.8] },
      { ...item, heard: ['two'], confidences: [0.7] },
      { ...item, heard: ['one', 'two'] },
    ];
    expect(judge(heard)).toEqual([
      { confidence: 0.9, isRight: true },
      { confidence: 0.4, isRight: false },
      { confidence: 0.8, isRight: true },
      { confidence: 0.7, isRight: true },
    ]);
  });
});

describe('a fit of confidences', () => {
  test('finds the scale and shift that words were drawn by, whatever each speaker says', () => {
    const truth = { scale: 0.5, shift: -0.7 };
    const { scale, shift } = fitConfidence([drawn(20_000, truth, 1), drawn(5_000, truth, 2)]);
    expect(scale).toBeCloseTo(truth.scale, 1);
    expect(shift).toBeCloseTo(truth.shift, 1);
  });

  test('makes words that it was not fitted to as reliable as they say', () => {
    const truth = { scale: 0.4, shift: -0.3 };
    const fitted = fitConfidence([drawn(20_000, truth, 3)]);
    const others = drawn(20_000, truth, 4);
    const after = others.map((one) => ({ ...one, confidence: calibrated(one.confidence, fitted) }));
    expect(calibrationOf(others).expectedCalibrationError).toBeGreaterThan(0.1);
    expect(calibrationOf(after).expectedCalibrationError).toBeLessThan(0.02);
  });

  test('stays finite where all words are right', () => {
    const { scale, shift } = fitConfidence([[{ confidence: 0.99, isRight: true }]]);
    expect(Number.isFinite(scale) && Number.isFinite(shift)).toBe(true);
  });

  test('keeps the order of words, stays inside 0..1, and changes nothing at a scale of 1 and no shift', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.double({ min: 0, max: 10, noNaN: true }), (one, other, scale) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const options = { scale, shift: 0.5 };
        expect(calibrated(low, options)).toBeLessThanOrEqual(calibrated(high, options));
        expect(calibrated(low, options)).toBeGreaterThanOrEqual(0);
        expect(calibrated(high, options)).toBeLessThanOrEqual(1);
        expect(calibrated(one, { scale: 1, shift: 0 })).toBe(one);
      }),
    );
  });
});
