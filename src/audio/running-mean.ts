/** Normalisation that needs no future: each band less its causal running mean. */
import { assertInteger, assertNumber, HearkenError } from '../errors.ts';

export type RunningMeanConfig = {
  readonly bands: number;
  /** Frames a second. */ readonly frameRate: number;
  /** Time constant once the mean has warmed up, in seconds. */ readonly timeConstantSeconds: number;
  /** Deviations from the mean are divided by this. */ readonly scale: number;
};

export type RunningMeanState = {
  /** Frames seen, counted no further than where the mean stops warming up. */ readonly frameCount: number;
  /** `[bands]` */ readonly mean: Float32Array;
};

/** One stream of frames, normalised. What it returns does not depend on how the frames were cut. */
export type RunningMean = {
  /** `[frameCount, bands]` -> the same shape, normalised, in a new array. */
  readonly push: (frames: Float32Array) => Float32Array;
  readonly snapshot: () => RunningMeanState;
  /** Goes on from `state`, whatever was pushed before. */
  readonly restore: (state: RunningMeanState) => void;
};

/**
 * So much of a time in which nothing at all changed counts for the mean of what is heard after it: as long as words are preceded
 * by a room in training, and however long the silence was.
 */
const STILL_SECONDS = 0.3;

/**
 * `y[n] = (x[n] - mean[n]) / scale`, `mean[n] = mean[n - 1] + (x[n] - mean[n - 1]) max(1 / n, 1 / (timeConstant frameRate))`,
 * n from 1: the plain mean of all frames so far (this one too) at first, then a leaky one. While frames equal the mean, n stops
 * at 0.3 s.
 */
export function createRunningMean(config: RunningMeanConfig): RunningMean {
  const { bands, frameRate, timeConstantSeconds, scale } = config;
  assertInteger('bands', bands, 1, 65_536);
  assertNumber('frameRate', frameRate, Number.MIN_VALUE, Number.MAX_VALUE);
  assertNumber('timeConstantSeconds', timeConstantSeconds, Number.MIN_VALUE, Number.MAX_VALUE);
  assertNumber('scale', scale, Number.MIN_VALUE, Number.MAX_VALUE);
  const warmUpFrames = Math.ceil(timeConstantSeconds * frameRate);
  const settledRate = 1 / (timeConstantSeconds * frameRate);
  const stillFrames = Math.min(warmUpFrames, Math.ceil(STILL_SECONDS * frameRate));
  let frameCount = 0;
  let mean = new Float32Array(bands);

  return {
    push: (frames) => {
      assertRows(frames, bands);
      const normalized = new Float32Array(frames.length);
      for (let start = 0; start < frames.length; start += bands) {
        const isStill = frames.subarray(start, start + bands).every((value, band) => value === mean[band]);
        frameCount = Math.min(frameCount + 1, isStill ? stillFrames : warmUpFrames);
        const rate = Math.min(1, Math.max(1 / frameCount, settledRate));
        for (let band = 0; band < bands; band++) {
          const value = frames[start + band]!; // in range: start + band < frames.length
          const before = mean[band]!;
          mean[band] = before + (value - before) * rate;
          normalized[start + band] = (value - mean[band]!) / scale;
        }
      }
      return normalized;
    },
    snapshot: () => ({ frameCount, mean: mean.slice() }),
    restore: (state) => {
      assertInteger('state.frameCount', state.frameCount, 0, warmUpFrames);
      assertRows(state.mean, bands, 1);
      frameCount = state.frameCount;
      mean = state.mean.slice();
    },
  };
}

function assertRows(frames: Float32Array, bands: number, rowCount = frames.length / bands): void {
  if (!Number.isInteger(rowCount) || frames.length !== rowCount * bands) {
    throw new HearkenError('running-mean/shape', `Expected rows of ${bands} bands, got ${frames.length} numbers`);
  }
}
