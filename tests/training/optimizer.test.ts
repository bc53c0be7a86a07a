import { describe, expect, test } from 'vitest';

import { initOptimizer, updateWeights, warmupCosine } from '../../src/training/optimizer.ts';

const arrays = (...values: number[]) => ({ w: { shape: [1, values.length], data: Float32Array.from(values) } });

describe('updateWeights', () => {
  test('takes the steps that AdamW written out by hand takes', () => {
    const options = { beta1: 0.9, beta2: 0.99, weightDecay: 0.1, clipNorm: 1e9, averageDecay: 0.5 };
    let state = initOptimizer(arrays(1));
    let [w, m, v] = [1, 0, 0];
    for (const [index, gradient] of [0.5, -0.2, 0.1].entries()) {
      ({ state } = updateWeights(state, arrays(gradient), 0.01, options));
      m = 0.9 * m + 0.1 * gradient;
      v = 0.99 * v + 0.01 * gradient ** 2;
      const step = index + 1;
      w -= (0.01 * (m / (1 - 0.9 ** step))) / (Math.sqrt(v / (1 - 0.99 ** step)) + 1e-8) + 0.01 * 0.1 * w;
      expect(state.weights['w']?.data[0]).toBeCloseTo(w, 5);
    }
    expect(state.step).toBe(3);
  });

  test('shrinks all gradients together when their norm is above the limit', () => {
    const { norm } = updateWeights(initOptimizer(arrays(0, 0)), arrays(3, 4), 0.1, { clipNorm: 1 });
    expect(norm).toBeCloseTo(5, 6);
    const clipped = updateWeights(initOptimizer(arrays(0, 0)), arrays(3, 4), 0.1, { clipNorm: 1, beta1: 0 }).state;
    expect(clipped.first['w']?.data[1]).toBeCloseTo(0.8, 6);
  });

  test('does not decay arrays of one axis', () => {
    const bias = { w: { shape: [1], data: Float32Array.of(1) } };
    const zero = { w: { shape: [1], data: Float32Array.of(0) } };
    const { state } = updateWeights(initOptimizer(bias), zero, 0.1, { weightDecay: 0.5 });
    expect(state.weights['w']?.data[0]).toBe(1);
  });

  test('refuses gradients that are not finite, before a weight changes', () => {
    const state = initOptimizer(arrays(1));
    expect(() => updateWeights(state, arrays(Number.NaN), 0.1)).toThrow(/finite gradients/);
    expect(state.weights['w']?.data[0]).toBe(1);
  });

  test('names a weight that has no gradient', () => {
    expect(() => updateWeights(initOptimizer(arrays(1)), {}, 0.1)).toThrow(/`w`, got none/);
  });
});

describe('warmupCosine', () => {
  const schedule = { peak: 2, warmup: 10, steps: 110, floor: 0.1 };
  test('rises in a line, then falls to the floor', () => {
    expect(warmupCosine(0, schedule)).toBeCloseTo(0.2, 9);
    expect(warmupCosine(9, schedule)).toBeCloseTo(2, 9);
    expect(warmupCosine(60, schedule)).toBeCloseTo(1.1, 9);
    expect(warmupCosine(110, schedule)).toBeCloseTo(0.2, 9);
    expect(warmupCosine(500, schedule)).toBeCloseTo(0.2, 9);
  });
});
