/**
 * How loud the background is: the smallest smoothed energy of the last few seconds, since between words, and even within
 * them, speech falls back to the noise.
 *
 * Reference: Martin, 2001, "Noise power spectral density estimation based on optimal smoothing and minimum statistics",
 * section III, with a constant smoothing and one band
 */

/** Plain data; energies as natural logarithms. */
export type NoiseFloorState = {
  readonly smoothed: number;
  /** Minima of the completed parts of the memory, oldest first, then that of the part in progress. */
  readonly minima: readonly number[];
  /** Vectors in the part in progress. */
  readonly filled: number;
};

export type NoiseFloorOptions = {
  /** Vectors in one part of the memory, at least 1. */
  readonly partLength: number;
  /** Parts remembered, at least 1: a rise of the noise is believed after `partLength * partCount` vectors. */
  readonly partCount: number;
};

/** Nothing below this log energy is told apart, about -62 dBFS of white noise: digital silence is no measure of a room. */
export const QUIETEST_BACKGROUND = -9;

/** Weight of the past in the smoothed energy: one odd vector must not become the floor. */
const SMOOTHING = 0.6;

/** The state after one more vector of log energy `energy`; without a state, after the first. */
export function trackNoiseFloor(
  state: NoiseFloorState | undefined,
  energy: number,
  { partLength, partCount }: NoiseFloorOptions,
): NoiseFloorState {
  if (state === undefined) return { smoothed: energy, minima: [energy], filled: 1 };
  const smoothed = SMOOTHING * state.smoothed + (1 - SMOOTHING) * energy;
  if (state.filled >= partLength) {
    return { smoothed, minima: [...state.minima, smoothed].slice(-partCount), filled: 1 };
  }
  const current = Math.min(state.minima.at(-1) ?? smoothed, smoothed);
  return { smoothed, minima: [...state.minima.slice(0, -1), current], filled: state.filled + 1 };
}

/** Log energy of the background. */
export function noiseFloor({ minima }: NoiseFloorState): number {
  return Math.min(...minima);
}
