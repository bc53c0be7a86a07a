/**
 * Kernel regression of one number by another: the answer at `x` is the mean of the `y` of all points, each weighed by how near its `x` is.
 * What `kernelRegression` of the library computes with tensors. Reference: Nadaraya, 1964, https://doi.org/10.1137/1109020; Watson,
 * 1964, https://www.jstor.org/stable/25049340
 */
import type { Kernel } from '../../src/attention/kernel-regression.ts';

export type Point = { readonly x: number; readonly y: number };

const KERNELS: Readonly<Record<Kernel, (u: number) => number>> = {
  gaussian: (u) => Math.exp(-(u * u) / 2),
  boxcar: (u) => (u <= 1 ? 1 : 0),
  epanechnikov: (u) => Math.max(0, 1 - u * u),
};

/** Weights of the points at `x`, which sum to 1; all 0 where none lies within reach. `width` is the kernel's, above 0. */
export function weightsAt(points: readonly Point[], x: number, kernel: Kernel, width: number): number[] {
  const raw = points.map((point) => KERNELS[kernel](Math.abs(x - point.x) / width));
  const sum = raw.reduce((total, each) => total + each, 0);
  return raw.map((each) => (sum > 0 ? each / sum : 0));
}

/** The answer at `x`; 0 where no point lies within reach. */
export function answerAt(points: readonly Point[], x: number, kernel: Kernel, width: number): number {
  const weights = weightsAt(points, x, kernel, width);
  return points.reduce((sum, { y }, index) => sum + weights[index]! * y, 0);
}
