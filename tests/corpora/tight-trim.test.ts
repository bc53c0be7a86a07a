import { describe, expect, test } from 'vitest';

import { CLIP_RATE } from '../../corpora/clip.ts';
import { randomFor } from '../../corpora/draw.ts';
import { randomTightTrim } from '../../models/codes-en/tight-trim.ts';

const LONGEST_CUT = Math.round(0.06 * CLIP_RATE);
const LONGEST_FADE = Math.round(0.03 * CLIP_RATE);
const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);

/** Samples that tell where they stood. */
function ramp(seconds: number): Float32Array {
  return Float32Array.from({ length: seconds * CLIP_RATE }, (_, n) => n + 1);
}

describe('a close cut', () => {
  test('takes at most 60 ms from each end, and the same from every clip', () => {
    for (const seed of SEEDS) {
      const cut = randomTightTrim(randomFor(seed));
      const [short, long] = [cut(ramp(0.3)), cut(ramp(0.5))];
      expect(0.3 * CLIP_RATE - short.length).toBeGreaterThanOrEqual(0);
      expect(0.3 * CLIP_RATE - short.length).toBeLessThanOrEqual(2 * LONGEST_CUT);
      expect(0.5 * CLIP_RATE - long.length).toBe(0.3 * CLIP_RATE - short.length);
    }
  });

  test('leaves what is further than 30 ms from the new ends as it was, and in its order', () => {
    for (const seed of SEEDS) {
      const kept = randomTightTrim(randomFor(seed))(ramp(0.3)).subarray(LONGEST_FADE, -LONGEST_FADE);
      const first = kept[0] ?? 0;
      expect(kept.every((sample, n) => sample === first + n)).toBe(true);
    }
  });

  test('never makes a sample louder', () => {
    for (const seed of SEEDS) {
      expect(randomTightTrim(randomFor(seed))(new Float32Array(4_800).fill(1)).every((each) => each <= 1)).toBe(true);
    }
  });

  test('leaves the clip that it is given untouched, and nothing of one that is shorter than the cut', () => {
    const clip = ramp(0.3);
    for (const seed of SEEDS) {
      const cut = randomTightTrim(randomFor(seed));
      const taken = clip.length - cut(clip).length;
      expect(cut(ramp(0.05)).length).toBe(Math.max(0, 0.05 * CLIP_RATE - taken));
    }
    expect(clip).toEqual(ramp(0.3));
  });
});
