import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { resample } from '../../src/audio/resample.ts';

type Golden = {
  readonly outputRate: number;
  readonly seconds: number;
  readonly cases: readonly { readonly inputRate: number; readonly outputs: readonly number[] }[];
};

const golden: Golden = JSON.parse(readFileSync(new URL('audio/resample.json', import.meta.url), 'utf8'));

/** The same tones as in the script. */
function tones(rate: number): Float32Array {
  const nyquist = Math.min(rate, golden.outputRate) / 2;
  return Float32Array.from({ length: Math.round(golden.seconds * rate) }, (_, index) => {
    const time = index / rate;
    const swell = Math.sin((Math.PI * time) / golden.seconds) ** 4;
    const waves = [0.1, 0.4, 0.8].map((share) => 0.3 * Math.sin(2 * Math.PI * share * nyquist * time));
    return swell * waves.reduce((sum, wave) => sum + wave);
  });
}

describe('the resampler agrees with the best of libsamplerate to 1e-6', () => {
  test.each(golden.cases)('from $inputRate Hz', ({ inputRate, outputs }) => {
    const ours = resample(tones(inputRate), { inputRate, outputRate: golden.outputRate });
    expect(ours.length).toBe(outputs.length);
    const errors = outputs.map((value, index) => Math.abs(value - ours[index]!));
    expect(Math.max(...errors)).toBeLessThan(1e-6);
  });
});
