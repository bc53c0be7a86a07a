import { describe, expect, test } from 'vitest';

import { Random } from '../../src/tensor/random.ts';
import { perturbed } from '../../src/training/audio-perturbation.ts';
import type { AudioExample } from '../../src/training/examples.ts';
import { concatUtterances } from '../../src/training/concat-utterances.ts';

const RATE = 16_000;
/** A second of a constant. */
const said = (value: number, label: string): AudioExample => ({
  samples: new Float32Array(RATE).fill(value),
  labels: [label],
  warp: 1,
});

describe('following', () => {
  test('puts one recording after another, with silence between, in which the second utterance begins', () => {
    const { samples, labels, preceding } = concatUtterances(said(0.5, 'yes'), said(-0.5, 'no'), 8_000);
    expect(samples).toHaveLength(2 * RATE + 8_000);
    expect([samples[0], samples[RATE], samples[RATE + 7_999], samples[RATE + 8_000]]).toEqual([0.5, 0, 0, -0.5]);
    expect(labels).toEqual(['no']);
    expect(preceding).toEqual({ labels: ['yes'], end: RATE + 4_000 });
  });

  test('remembers all that was said before', () => {
    const third = concatUtterances(concatUtterances(said(0, 'yes'), said(0, 'no'), 10), said(0, 'stop'), 10);
    expect(third.labels).toEqual(['stop']);
    expect(third.preceding?.labels).toEqual(['yes', 'no']);
  });

  test('still begins in the silence when it is perturbed', () => {
    const random = Random.seeded(3);
    for (let round = 0; round < 20; round++) {
      const { samples, preceding } = perturbed(
        concatUtterances(said(0.5, 'yes'), said(-0.5, 'no'), 8_000),
        RATE,
        random,
      );
      const end = preceding?.end ?? 0;
      const mean = (from: number): number =>
        samples.subarray(from, from + 800).reduce((sum, sample) => sum + sample / 800, 0);
      expect(mean(end - 6_500)).toBeGreaterThan(0.05);
      expect(Math.abs(mean(end - 400))).toBeLessThan(0.05);
      expect(mean(end + 6_500)).toBeLessThan(-0.05);
    }
  });
});
