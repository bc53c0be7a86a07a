import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createPolyphase } from '../../src/audio/polyphase.ts';
import { createResampler, type ResampleOptions, resample } from '../../src/audio/resample.ts';
import { cut, cutsArbitrary, expectSameBits, join, noise } from './chunking.ts';

/** Down and up, whole and fractional ratios, and one pair with more phases than are kept. */
const RATES: readonly ResampleOptions[] = [
  { inputRate: 44_100, outputRate: 16_000 },
  { inputRate: 48_000, outputRate: 16_000 },
  { inputRate: 8000, outputRate: 16_000 },
  { inputRate: 11_025, outputRate: 16_000 },
  { inputRate: 44_101, outputRate: 16_000 },
  { inputRate: 16_000, outputRate: 16_000 },
];

function tone(hz: number, rate: number, length: number): Float32Array {
  return Float32Array.from({ length }, (_, t) => Math.sin((2 * Math.PI * hz * t) / rate));
}

/** Away from the ends, where the silence before and after is heard. */
function middleOf(samples: Float32Array): Float32Array {
  return samples.slice(samples.length * 0.25, samples.length * 0.75);
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, index) => Math.max(largest, Math.abs(value - b[index]!)), 0);
}

describe.each(RATES)('from $inputRate to $outputRate Hz', (rates) => {
  const { inputRate, outputRate } = rates;
  const shared = createResampler(rates);
  const resampleWhole = (samples: Float32Array) => {
    const stream = shared.fork();
    return join([stream.push(samples), stream.flush()]);
  };

  test('output n is the signal at time n / outputRate', () => {
    const hz = 0.4 * Math.min(inputRate, outputRate);
    const outputs = resampleWhole(tone(hz, inputRate, inputRate / 5));
    expect(largestDifference(middleOf(outputs), middleOf(tone(hz, outputRate, outputs.length)))).toBeLessThan(1e-6);
  });

  test('a constant stays what it is', () => {
    const outputs = resampleWhole(new Float32Array(inputRate / 5).fill(0.7));
    expect(largestDifference(middleOf(outputs), middleOf(new Float32Array(outputs.length).fill(0.7)))).toBeLessThan(
      1e-7,
    );
  });

  test('there is an output for each instant before the end of the input', () => {
    for (const length of [0, 1, 2, 3, 100, 1001]) {
      expect(resampleWhole(noise(length)).length).toBe(Math.ceil((length * outputRate) / inputRate));
    }
  });

  test('outputs do not depend on how the samples were cut', () => {
    const property = fc.property(fc.nat(1500), cutsArbitrary, (length, cuts) => {
      const samples = noise(length, 0.5, length);
      const stream = shared.fork();
      const pieces = [...cut(samples, cuts).map(stream.push), stream.flush()];
      expectSameBits(join(pieces), resampleWhole(samples));
    });
    fc.assert(property);
  });

  test('a stream goes on from a snapshot as if nothing had happened', () => {
    const samples = noise(1200);
    const whole = resampleWhole(samples);
    for (let at = 0; at <= samples.length; at += 37) {
      const stream = shared.fork();
      const before = stream.push(samples.slice(0, at));
      const resumed = shared.fork();
      resumed.push(noise(55));
      if (inputRate !== outputRate) resumed.restore(stream.snapshot());
      expectSameBits(join([before, resumed.push(samples.slice(at)), resumed.flush()]), whole);
    }
  });
});

describe('a resampler', () => {
  const rates = { inputRate: 44_100, outputRate: 16_000 };

  test('lets nothing through that the output cannot carry', () => {
    for (const hz of [8001, 8400, 12_000, 16_000, 21_000]) {
      const outputs = middleOf(resample(tone(hz, 44_100, 11_025), rates));
      expect(Math.hypot(...outputs) / Math.sqrt(outputs.length)).toBeLessThan(1e-6);
    }
  });

  test('adds no images where it raises the rate', () => {
    const outputs = middleOf(resample(tone(3000, 8000, 2000), { inputRate: 8000, outputRate: 16_000 }));
    const expected = middleOf(tone(3000, 16_000, 4000));
    expect(largestDifference(outputs, expected)).toBeLessThan(1e-6);
  });

  test('flushed starts another stream', () => {
    const stream = createResampler(rates);
    const [first, second] = [noise(900, 0.5, 1), noise(500, 0.5, 2)];
    expectSameBits(join([stream.push(first), stream.flush()]), resample(first, rates));
    expectSameBits(join([stream.push(second), stream.flush()]), resample(second, rates));
  });

  test('keeps a bounded number of coefficients, whatever the rates', () => {
    const { up, taps } = createPolyphase(44_101, 16_000);
    expect(up * taps).toBeGreaterThan(2 ** 23); // so the pair above is interpolated
    expect(createResampler({ inputRate: 767_999, outputRate: 16_000 }).push(noise(10)).length).toBe(0);
  });

  test('holds fewer samples than its filter is long', () => {
    const stream = createResampler(rates);
    stream.push(noise(100_000));
    const { taps } = createPolyphase(44_100, 16_000);
    expect(stream.snapshot().tail.length).toBeLessThan(taps);
    expect(() => stream.restore({ tail: new Float32Array(taps), phase: 0 })).toThrow('`state.tail.length`');
    expect(() => stream.restore({ tail: new Float32Array(0), phase: 160 })).toThrow('`state.phase`');
  });

  test('of equal rates takes no state but its own', () => {
    const stream = createResampler({ inputRate: 16_000, outputRate: 16_000 });
    stream.restore(stream.snapshot());
    expect(() => stream.restore({ tail: new Float32Array(3), phase: 0 })).toThrow('to be empty, got 3 samples');
  });

  test('refuses rates out of range', () => {
    expect(() => createResampler({ ...rates, inputRate: 1 })).toThrow(
      'Expected `inputRate` to be an integer in 4000..',
    );
    expect(() => createResampler({ ...rates, outputRate: 44_100.5 })).toThrow('Expected `outputRate`');
  });
});

test('samples near the largest float32 that add up to more than it holds are refused, not given as infinities', () => {
  const loudest = new Float32Array(200).fill(3.4e38);
  for (let index = 100; index < 200; index++) loudest[index] = -3.4e38;
  const sum = (): Float32Array => resample(loudest, { inputRate: 8000, outputRate: 16_000 });
  expect(sum).toThrow(expect.objectContaining({ code: 'audio/non-finite-sample' }));
});
