import { decode } from 'node-wav';
import { describe, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import { noise } from './chunking.ts';
import { readWhole, refusalOf } from './wav-reading.ts';

describe('encodeWav', () => {
  test('writes what node-wav and this reader read back alike', () => {
    const channels = [noise(100, 0.9, 1), noise(100, 0.9, 2)];
    const file = encodeWav(channels, { sampleRate: 22_050 });
    const { sampleRate, channelData } = decode(file.slice());
    expect(sampleRate).toBe(22_050);
    for (const [channel, theirs] of channelData.entries()) {
      const ours = readWhole(file, { channel });
      for (const [index, sample] of ours.entries()) {
        // node-wav divides positive samples by 32767 and the rest by 32768
        expect(theirs[index]).toBeCloseTo(sample >= 0 ? (sample * 32_768) / 32_767 : sample, 7);
        expect(Math.abs(sample - (channels[channel]?.[index] ?? Number.NaN))).toBeLessThan(2 / 32_768);
      }
    }
  });

  test('keeps float samples as they are', () => {
    const samples = noise(50);
    expect(readWhole(encodeWav([samples], { sampleRate: 8000, encoding: 'float32' }))).toEqual(samples);
  });

  test('refuses channels of different lengths', () => {
    const channels = [noise(2), noise(3)];
    expect(refusalOf(() => encodeWav(channels, { sampleRate: 8000 })).code).toBe('wav/channel-lengths');
    expect(() => encodeWav([], { sampleRate: 8000 })).toThrow('`channels.length`');
  });
});
