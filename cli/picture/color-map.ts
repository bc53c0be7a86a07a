import type { Color } from './canvas.ts';

/**
 * Magma, a perceptually uniform map from black over purple to pale yellow (S. van der Walt and N. Smith, 2015, CC0),
 * at nine equally spaced points.
 */
const MAGMA: readonly Color[] = [
  [0, 0, 4],
  [29, 17, 71],
  [81, 18, 124],
  [130, 37, 129],
  [183, 55, 121],
  [230, 81, 98],
  [252, 137, 97],
  [254, 197, 135],
  [252, 253, 191],
];

/** The colour of `value`, 0 (black) to 1 (pale yellow); values outside take the colour of the nearer end. */
export function magma(value: number): Color {
  const place = Math.min(1, Math.max(0, value)) * (MAGMA.length - 1);
  const index = Math.min(MAGMA.length - 2, Math.floor(place));
  const from = MAGMA[index] ?? [0, 0, 0];
  const to = MAGMA[index + 1] ?? from;
  const mix = (channel: 0 | 1 | 2): number => from[channel] + (to[channel] - from[channel]) * (place - index);
  return [mix(0), mix(1), mix(2)];
}
