import { describe, expect, test } from 'vitest';

import { CLIP_RATE, clipFromWav, rootMeanSquare, trimmed, withPeak } from '../../corpora/clip.ts';
import { encodeWav } from '../../src/audio/wav.ts';
import { concatenate } from '../../src/tensor/concatenate.ts';

describe('clipFromWav', () => {
  test('brings a tone from 22,050 Hz to 16 kHz', () => {
    const tone = Float32Array.from({ length: 22_050 }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / 22_050));
    const clip = clipFromWav(Buffer.from(encodeWav([tone], { sampleRate: 22_050 })));
    expect(clip.length).toBe(CLIP_RATE);
    const expected = clip.map((_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / CLIP_RATE));
    const inner = clip.map((sample, n) => sample - (expected[n] ?? 0)).subarray(1000, -1000);
    expect(rootMeanSquare(inner)).toBeLessThan(1e-3);
  });

  test('reads up to the end of a WAV whose header gives a false size, as synthesisers write into pipes', () => {
    const wav = Buffer.from(encodeWav([new Float32Array(160).fill(0.25)], { sampleRate: CLIP_RATE }));
    wav.writeUInt32LE(0x7fffffff, wav.indexOf('data') + 4);
    const clip = clipFromWav(wav);
    expect(clip.length).toBe(160);
    expect(clip[159]).toBeCloseTo(0.25, 4);
  });

  test.each([
    { what: 'nothing', wav: Buffer.alloc(0) },
    { what: 'text', wav: Buffer.from('no sound') },
    { what: 'stereo', wav: Buffer.from(encodeWav([new Float32Array(8), new Float32Array(8)], { sampleRate: 8000 })) },
  ])('refuses $what', ({ wav }) => {
    expect(() => clipFromWav(wav)).toThrow(/Expected mono PCM16 WAV/);
  });
});

describe('trimmed', () => {
  test('keeps the loud part and the padding', () => {
    const clip = concatenate([new Float32Array(8000), new Float32Array(1600).fill(0.5), new Float32Array(8000)]);
    expect(trimmed(clip, 0.02, 0.03).length).toBe(1600 + 2 * 480);
  });

  test('leaves silence alone', () => {
    expect(trimmed(new Float32Array(4000), 0.02, 0.03).length).toBe(4000);
  });
});

describe('withPeak', () => {
  test('scales to the peak and leaves silence silent', () => {
    expect(withPeak(Float32Array.of(0.1, -0.2), 0.5)).toEqual(Float32Array.of(0.25, -0.5));
    expect(withPeak(new Float32Array(3), 0.5)).toEqual(new Float32Array(3));
  });
});
