import { describe, expect, test } from 'vitest';

import { CLIP_RATE, rootMeanSquare } from '../../corpora/clip.ts';
import { randomFor } from '../../corpora/draw.ts';
import {
  butterworthInPlace,
  filterInPlace,
  muLawInPlace,
  reverberateInPlace,
  withSpeed,
} from '../../corpora/effects.ts';
import { decibels } from './sound.ts';

function tone(hz: number, seconds = 0.5): Float32Array {
  return Float32Array.from({ length: seconds * CLIP_RATE }, (_, n) => Math.sin((2 * Math.PI * hz * n) / CLIP_RATE));
}

function noise(length: number): Float32Array {
  const random = randomFor(3);
  return Float32Array.from({ length }, () => random.normal());
}

describe('withSpeed', () => {
  test('raises the pitch and shortens by the same factor', () => {
    const faster = withSpeed(tone(400), 1.25);
    const expected = tone(500).subarray(0, faster.length);
    expect(faster.length).toBeCloseTo(0.4 * CLIP_RATE, -1);
    // The first sample is the input's second: half a degree of phase an input sample.
    const shift = (2 * Math.PI * 400) / CLIP_RATE;
    const shifted = expected.map((_, n) => Math.sin((2 * Math.PI * 500 * n) / CLIP_RATE + shift));
    expect(rootMeanSquare(faster.map((sample, n) => sample - (shifted[n] ?? 0)))).toBeLessThan(1e-3);
  });

  test('gives nothing for a clip too short to interpolate', () => {
    expect(withSpeed(new Float32Array(2), 1).length).toBe(0);
  });
});

describe('filterInPlace', () => {
  test('equals the convolution written as a sum', () => {
    const taps = Float32Array.of(1, -0.5, 0.25);
    const input = noise(40);
    const filtered = input.slice();
    filterInPlace(filtered, taps);
    const expected = input.map((sample, n) => sample - 0.5 * (input[n - 1] ?? 0) + 0.25 * (input[n - 2] ?? 0));
    for (const [n, sample] of filtered.entries()) {
      expect(sample).toBeCloseTo(expected[n] ?? Number.NaN, 5);
    }
  });
});

describe('butterworthInPlace', () => {
  // An order of 8 falls by 48 dB an octave.
  test.each([
    { pass: 'low', hz: 500, lowest: -0.1, highest: 0.1 },
    { pass: 'low', hz: 2000, lowest: -3.1, highest: -2.9 },
    { pass: 'low', hz: 4000, lowest: -70, highest: -48 },
    { pass: 'high', hz: 6000, lowest: -0.1, highest: 0.1 },
    { pass: 'high', hz: 2000, lowest: -3.1, highest: -2.9 },
    { pass: 'high', hz: 1000, lowest: -70, highest: -48 },
  ] as const)('passes $hz Hz at $lowest to $highest dB ($pass, 2 kHz)', ({ pass, hz, lowest, highest }) => {
    const filtered = tone(hz, 1);
    butterworthInPlace(filtered, pass, { cutoffHz: 2000, order: 8 });
    const gain = decibels(rootMeanSquare(filtered.subarray(8000)) * Math.SQRT2);
    expect(gain).toBeGreaterThan(lowest);
    expect(gain).toBeLessThan(highest);
  });
});

describe('muLawInPlace', () => {
  test('keeps a relative error of a few percent at any level, and clips', () => {
    const samples = Float32Array.of(0, 0.001, -0.01, 0.1, -0.9, 1.7, -3);
    muLawInPlace(samples);
    expect(samples[0]).toBe(0);
    for (const [index, level] of [0.001, -0.01, 0.1, -0.9].entries()) {
      expect(Math.abs((samples[index + 1] ?? 0) / level - 1)).toBeLessThan(0.15);
    }
    expect(samples[5]).toBeGreaterThan(0.99);
    expect(samples[6]).toBeCloseTo(-1, 5);
  });
});

describe('reverberateInPlace', () => {
  test('adds the convolution, across its blocks', () => {
    const dry = noise(30_000);
    const response = noise(3000).map((value, n) => 0.02 * value * Math.exp(-n / 500));
    const wet = dry.slice();
    reverberateInPlace(wet, response);
    for (const n of [0, 1, 2999, 13_384, 13_385, 20_000, 26_769, 29_999]) {
      let expected = dry[n] ?? 0;
      for (let tap = 0; tap < response.length && tap <= n; tap++) {
        expected += (response[tap] ?? 0) * (dry[n - tap] ?? 0);
      }
      expect(wet[n]).toBeCloseTo(expected, 4);
    }
  });
});
