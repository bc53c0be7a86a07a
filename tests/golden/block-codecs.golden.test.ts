import { readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { createSoundFileReader, type SoundFileContainer } from '../../src/audio/sound-file.ts';

type Case = {
  readonly name: string;
  readonly container: SoundFileContainer;
  readonly channelCount: number;
  /** base64 */ readonly file: string;
  /** base64 of 16-bit samples, channels interleaved. */ readonly samples: string;
};

const cases: readonly Case[] = JSON.parse(readFileSync(new URL('audio/block-codecs.json', import.meta.url), 'utf8'));

describe('blocks give the 16-bit samples that sox and ffmpeg read', () => {
  test.each(cases)('$name', ({ file, container, channelCount, samples }) => {
    const reader = createSoundFileReader({ container, channel: 'all' });
    const read = [...reader.push(Buffer.from(file, 'base64')), ...reader.finish()].map((sample) => sample * 32_768);
    const bytes = Buffer.from(samples, 'base64');
    const expected = Array.from({ length: bytes.length / 2 }, (_, index) => bytes.readInt16LE(2 * index));
    expect(reader.damage()).toBe(undefined);
    expect(reader.format()).toMatchObject({ sampleRate: 8000, channelCount });
    // sox hears the padding of the last block, which the `fact` chunk leaves out
    expect(read.length).toBeGreaterThanOrEqual(1001 * channelCount);
    expect(read).toEqual(expected.slice(0, read.length));
  });
});
