import { expect, test } from 'vitest';

import type { Checkpoint } from '../../src/model/unchecked-checkpoint.ts';
import { averageWeights } from '../../src/training/average-weights.ts';

const config = { name: 'first' } as Checkpoint['config'];
const checkpoint = (...weights: number[]): Checkpoint => ({
  config,
  weights: { w: { shape: [1, weights.length], data: Float32Array.from(weights) } },
});

test('each weight of the average is the mean of the weights of its name', () => {
  const { weights } = averageWeights([checkpoint(1, -2), checkpoint(3, 4), checkpoint(5, 1)]);
  expect(weights['w']).toEqual({ shape: [1, 2], data: Float32Array.of(3, 1) });
});

test('the average of equal weights is these weights to the bit', () => {
  const one = checkpoint(0.1, 1e-30, -3e30);
  expect(averageWeights([one, one, one]).weights).toEqual(one.weights);
});

test('the average keeps the first configuration and says how each was trained', () => {
  const [one, other] = [1, 2].map((steps) => ({ ...checkpoint(steps), config: { ...config, training: { steps } } }));
  const { config: averaged } = averageWeights([one, other] as Checkpoint[]);
  expect(averaged).toEqual({ name: 'first', training: { averageOf: [{ steps: 1 }, { steps: 2 }] } });
});

test('weights of another shape, or missing ones, are refused by name', () => {
  expect(() => averageWeights([checkpoint(1, 2), checkpoint(1)])).toThrow(/`w` of shape \[1, 2\], got \[1, 1\]/);
  expect(() => averageWeights([checkpoint(1), { config, weights: {} }])).toThrow(/`w` of shape \[1, 1\], got none/);
});

test('there is no average of no models', () => {
  expect(() => averageWeights([])).toThrow('Expected one checkpoint or more, got 0');
});
