import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';

import { kernelRegression } from '../../src/attention/index.ts';

beforeAll(() => tf.setBackend('cpu'));

/** Nadaraya and Watson's quotient: Σ K(u_e) y_e / Σ K(u_e) with K(u) = exp(-u² / 2) / √(2π). */
function quotient(x: number, xs: readonly number[], ys: readonly number[], width: number): number {
  const kernels = xs.map((each) => Math.exp(-(((x - each) / width) ** 2) / 2) / Math.sqrt(2 * Math.PI));
  const total = kernels.reduce((a, b) => a + b, 0);
  return kernels.reduce((sum, kernel, e) => sum + (kernel / total) * (ys[e] ?? NaN), 0);
}

/** Attention: softmax(-(x - x_e)² / (2 width²)) over the y_e. */
function attended(x: number, xs: readonly number[], ys: readonly number[], width: number): number {
  const scores = xs.map((each) => -((x - each) ** 2) / (2 * width ** 2));
  const largest = Math.max(...scores);
  const total = scores.reduce((sum, score) => sum + Math.exp(score - largest), 0);
  return scores.reduce((sum, score, e) => sum + (Math.exp(score - largest) / total) * (ys[e] ?? NaN), 0);
}

const number = (largest: number) => fc.double({ min: -largest, max: largest, noNaN: true }).map(Math.fround);
const points = fc.array(fc.tuple(number(3), number(10)), { minLength: 1, maxLength: 30 });

test('regression by a Gaussian kernel is softmax attention: in float64 to 1e-12, as it is computed to 1e-5', () => {
  let worst = 0;
  fc.assert(
    fc.property(points, number(3), fc.double({ min: 0.5, max: 4, noNaN: true }), (pairs, x, width) => {
      const [xs, ys] = [pairs.map(([place]) => place), pairs.map(([, value]) => value)];
      const reference = quotient(x, xs, ys, width);
      expect(Math.abs(reference - attended(x, xs, ys, width))).toBeLessThan(1e-12 * 10); // of values up to 10
      const own = tf.tidy(() => {
        const mechanism = kernelRegression({ width });
        const keys = tf.tensor3d([xs.map((place) => [place])]);
        const values = tf.tensor3d([ys.map((value) => [value])]);
        const prepared = mechanism.prepare({}, { keys, values, bias: tf.zeros([1, xs.length]) });
        return mechanism.attend({}, tf.tensor2d([[x]]), prepared, {}).context.arraySync()[0]?.[0] ?? NaN;
      });
      worst = Math.max(worst, Math.abs(own - reference) / 10);
    }),
    { numRuns: 300 },
  );
  expect(worst).toBeLessThan(1e-5);
  expect(worst).toBeGreaterThan(1e-9); // it is float32, and not the reference itself
});
