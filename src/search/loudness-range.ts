/**
 * How quiet and how loud it was lately: the extremes of the smoothed energy of the last few seconds. The smallest is the
 * background, since between words, and even within them, speech falls back to the noise.
 *
 * Reference: Martin, 2001, "Noise power spectral density estimation based on optimal smoothing and minimum statistics",
 * section III, with a constant smoothing and one band
 */

/** Plain data; energies as natural logarithms. */
export type LoudnessState = {
  readonly smoothed: number;
  /** Extremes of the completed parts of the memory, oldest first, then those of the part in progress. */
  readonly minima: readonly number[];
  readonly maxima: readonly number[];
  /** Vectors in the part in progress. */
  readonly filled: number;
};

export type LoudnessMemory = {
  /** Vectors in one part of the memory, at least 1. */
  readonly partLength: number;
  /** Parts remembered, at least 1: a rise of the noise is believed after `partLength * partCount` vectors. */
  readonly partCount: number;
};

/** Nothing below this log energy is told apart, about -62 dBFS of white noise: digital silence is no measure of a room. */
export const QUIETEST_BACKGROUND = -9;

/** Weight of the past in the smoothed energy: one odd vector must not become an extreme. */
const SMOOTHING = 0.6;

/** The state after one more vector of log energy `energy`; without a state, after the first. */
export function trackLoudness(
  state: LoudnessState | undefined,
  energy: number,
  { partLength, partCount }: LoudnessMemory,
): LoudnessState {
  if (state === undefined) return { smoothed: energy, minima: [energy], maxima: [energy], filled: 1 };
  const smoothed = SMOOTHING * state.smoothed + (1 - SMOOTHING) * energy;
  if (state.filled >= partLength) {
    const minima = [...state.minima, smoothed].slice(-partCount);
    const maxima = [...state.maxima, smoothed].slice(-partCount);
    return { smoothed, minima, maxima, filled: 1 };
  }
  const minima = [...state.minima.slice(0, -1), Math.min(state.minima.at(-1) ?? smoothed, smoothed)];
  const maxima = [...state.maxima.slice(0, -1), Math.max(state.maxima.at(-1) ?? smoothed, smoothed)];
  return { smoothed, minima, maxima, filled: state.filled + 1 };
}

/** Log energies of the background and of the loudest sound remembered. */
export function loudnessRange({ minima, maxima }: LoudnessState): { quiet: number; loud: number } {
  return { quiet: Math.min(...minima), loud: Math.max(...maxima) };
}
