import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { createSoundFileReader } from '../../src/audio/sound-file.ts';

type Case = {
  readonly name: string;
  readonly sampleRate: number;
  /** base64 */ readonly file: string;
  readonly channels: readonly (readonly number[])[];
};

const cases: readonly Case[] = JSON.parse(readFileSync(new URL('audio/wav.json', import.meta.url), 'utf8'));

describe('the WAV reader gives the float32 numbers that libsndfile reads', () => {
  test.each(cases)('$name', ({ file, sampleRate, channels }) => {
    for (const [channel, expected] of channels.entries()) {
      const reader = createSoundFileReader({ container: 'wav', channel });
      const samples = reader.push(Buffer.from(file, 'base64'));
      expect([...reader.finish(), reader.damage()]).toEqual([undefined]);
      expect(reader.format()).toMatchObject({ sampleRate, channelCount: channels.length });
      expect(samples).toEqual(Float32Array.from(expected));
    }
  });
});
