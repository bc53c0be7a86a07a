/**
 * SpecAugment: bands and stretches of frames set to zero, which is each band's running mean.
 *
 * Reference: Park et al., 2019, section 2 (frequency and time masking, without time warping).
 */
import type { Random } from '../tensor/random.ts';

export type SpecAugmentOptions = {
  /** Number of frequency masks in an utterance. */ readonly frequencyMasks: number;
  /** The most mel bands in one frequency mask. */ readonly frequencyMaskBands: number;
  /** Number of time masks in a second of 100 frames; at least one an utterance where above 0. */
  readonly timeMasksPerSecond: number;
  /** The most frames in one time mask. */ readonly timeMaskFrames: number;
};

/** A masked copy of `frames`, `[B, frameCount, bands]`; every utterance draws its own masks. */
export function specAugment(
  frames: Float32Array,
  [batch, frameCount, bands]: readonly [number, number, number],
  { frequencyMasks, frequencyMaskBands, timeMasksPerSecond, timeMaskFrames }: SpecAugmentOptions,
  random: Random,
): Float32Array {
  const masked = frames.slice();
  const below = (limit: number): number => Math.floor(random.uniform() * Math.max(0, limit));
  const stretches = timeMasksPerSecond > 0 ? Math.max(1, Math.floor((frameCount / 100) * timeMasksPerSecond)) : 0;
  for (let row = 0; row < batch; row++) {
    const start = row * frameCount * bands;
    for (let mask = 0; mask < frequencyMasks; mask++) {
      const width = below(frequencyMaskBands + 1);
      const low = below(bands - width);
      for (let frame = 0; frame < frameCount; frame++) {
        const at = start + frame * bands + low;
        masked.fill(0, at, at + width);
      }
    }
    for (let mask = 0; mask < stretches; mask++) {
      const length = below(timeMaskFrames + 1);
      const first = start + below(frameCount - length) * bands;
      masked.fill(0, first, first + length * bands);
    }
  }
  return masked;
}
