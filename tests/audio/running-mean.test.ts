import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createRunningMean, type RunningMeanConfig } from '../../src/audio/running-mean.ts';
import { cut, cutsArbitrary, expectSameBits, join, noise } from './chunking.ts';

const config: RunningMeanConfig = { bands: 2, frameRate: 100, timeConstantSeconds: 0.03, scale: 3 };

/** The equation, one band at a time. */
function normalizeByLoops(frames: Float32Array, { bands, frameRate, timeConstantSeconds, scale }: RunningMeanConfig) {
  const normalized = new Float32Array(frames.length);
  for (let band = 0; band < bands; band++) {
    let mean = 0;
    for (let n = 1; n <= frames.length / bands; n++) {
      const value = frames[(n - 1) * bands + band] ?? Number.NaN;
      mean += (value - mean) * Math.max(1 / n, 1 / (timeConstantSeconds * frameRate));
      normalized[(n - 1) * bands + band] = (value - mean) / scale;
    }
  }
  return normalized;
}

test('takes the plain mean at first and a leaky one afterwards', () => {
  const frames = noise(40, 10);
  const normalized = createRunningMean(config).push(frames);
  for (const [index, value] of normalizeByLoops(frames, config).entries())
    expect(normalized[index]).toBeCloseTo(value, 5);
});

test('the first frame is zero: its mean is itself', () => {
  expect([...createRunningMean(config).push(Float32Array.of(-5, 7))]).toEqual([0, 0]);
});

test('a constant settles at exactly zero', () => {
  const rows = createRunningMean(config).push(new Float32Array(2000).fill(-15.942385));
  expect(rows.every((value) => value === 0)).toBe(true);
});

test('a start in which nothing changes counts for no more than 0.3 s, however long it lasts', () => {
  const still = (frameCount: number) => new Float32Array(2 * frameCount).fill(-10);
  const slow = { ...config, timeConstantSeconds: 1.5 };
  const after = (frameCount: number): Float32Array => {
    const stream = createRunningMean(slow);
    stream.push(still(frameCount));
    return stream.push(noise(40, 10));
  };
  expectSameBits(after(3000), after(30));
  expect(after(30)[0]).not.toBe(after(10)[0]);
});

test('does not depend on how the frames were cut', () => {
  const frames = Array.from({ length: 30 }, (_, row) => noise(2, 10, row + 1));
  const whole = createRunningMean(config).push(join(frames));
  const property = fc.property(cutsArbitrary, (cuts) => {
    const stream = createRunningMean(config);
    expectSameBits(join(cut(frames, cuts).map((rows) => stream.push(join(rows)))), whole);
  });
  fc.assert(property);
});

test('goes on from a snapshot as if nothing had happened', () => {
  const frames = noise(60, 10);
  const whole = createRunningMean(config).push(frames);
  for (let at = 0; at <= 60; at += 2) {
    const stream = createRunningMean(config);
    const before = stream.push(frames.slice(0, at));
    const resumed = createRunningMean(config);
    resumed.push(noise(8));
    resumed.restore(stream.snapshot());
    expectSameBits(join([before, resumed.push(frames.slice(at))]), whole);
  }
});

test('half a row and a state of other bands are refused', () => {
  const stream = createRunningMean(config);
  expect(() => stream.push(new Float32Array(3))).toThrow('Expected rows of 2 bands, got 3 numbers');
  expect(() => stream.restore({ frameCount: 1, mean: new Float32Array(4) })).toThrow('rows of 2 bands');
  expect(() => createRunningMean({ ...config, scale: 0 })).toThrow('`scale`');
});
