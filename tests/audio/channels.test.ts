import { describe, expect, test } from 'vitest';

import { createMixer, interleave, separate } from '../../src/audio/channels.ts';
import { decodeAudio, decodeChannels, readPcm, readPcmChannels } from '../../src/audio/read-audio.ts';
import { encodeWav } from '../../src/audio/wav.ts';
import type { HearkenError } from '../../src/errors.ts';
import { expectSameBits, join, noise } from './chunking.ts';

const RATE = 16_000;
const [LEFT, RIGHT] = [noise(20_000, 0.5, 1), noise(20_000, 0.5, 2)];

function wav(...channels: readonly Float32Array[]): Uint8Array {
  return encodeWav(channels, { sampleRate: RATE, encoding: 'float32' });
}

/** What a mix of the channels is warned of, if anything. */
async function warningOf(...channels: readonly Float32Array[]): Promise<string | undefined> {
  const warnings: HearkenError[] = [];
  for await (const _ of decodeAudio([wav(...channels)], { onWarning: (warning) => warnings.push(warning) }));
  expect(warnings.length).toBeLessThan(2);
  return warnings[0]?.message;
}

describe('channels', () => {
  test('are each given for themselves, whatever the recording is cut into', async () => {
    const file = wav(LEFT, RIGHT);
    const pieces = await collect(decodeChannels([file.subarray(0, 1_001), file.subarray(1_001)]));
    for (const [index, expected] of [LEFT, RIGHT].entries()) {
      expectSameBits(join(pieces.map(({ channels }) => channels[index] ?? new Float32Array(0))), expected);
    }
    expect(pieces[0]?.sampleRate).toBe(RATE);
  });

  test('of raw samples, too', async () => {
    const bytes = new Uint8Array(interleave([LEFT, RIGHT]).buffer);
    const raw = { encoding: 'f32le', inputRate: RATE, channelCount: 2 } as const;
    const pieces = await collect(readPcmChannels([bytes], raw));
    expectSameBits(join(pieces.map(({ channels }) => channels[1] ?? new Float32Array(0))), RIGHT);
    expectSameBits(join(await collect(readPcm([bytes], { ...raw, sampleRate: RATE, channel: 1 }))), RIGHT);
  });

  test('are mixed to their mean', async () => {
    const pieces = await collect(decodeAudio([wav(LEFT, RIGHT)]));
    const mean = LEFT.map((sample, index) => (sample + (RIGHT[index] ?? 0)) / 2);
    expectSameBits(join(pieces.map(({ samples }) => samples)), mean);
  });

  test('more than sixteen are not heard each alone', async () => {
    const file = wav(...Array.from({ length: 17 }, () => LEFT.subarray(0, 10)));
    await expect(decodeChannels([file]).next()).rejects.toMatchObject({ code: 'audio/too-many-channels' });
  });
});

describe('mixing', () => {
  test('is warned of where channels cancel each other, once, at the end', async () => {
    const inverted = LEFT.map((sample) => -sample);
    expect(await warningOf(LEFT, inverted)).toContain('cancel each other (0.0 % of their power is left)');
    const nearly = LEFT.map((sample, index) => -0.9 * sample + 0.05 * (RIGHT[index] ?? 0));
    expect(await warningOf(LEFT, nearly)).toContain('cancel each other');
    expect(await warningOf(LEFT, inverted, LEFT, inverted)).toContain('4 channels');
    // A constant part, as of a bad sound card, is not what is heard.
    expect(await warningOf(...[LEFT, inverted].map((channel) => channel.map((sample) => sample / 2 + 0.3)))).toContain(
      'cancel each other',
    );
  });

  test.each([
    ['the same sound', [LEFT, LEFT]],
    ['other sounds', [LEFT, RIGHT]],
    ['a sound beside silence', [LEFT, LEFT.map(() => 0)]],
    ['a sound in one of six', [LEFT, ...Array.from({ length: 5 }, () => LEFT.map(() => 0))]],
    ['silence', [LEFT.map(() => 0), LEFT.map(() => 0)]],
    ['one channel', [LEFT]],
  ])('is not warned of for %s', async (_, channels) => {
    expect(await warningOf(...channels)).toBeUndefined();
  });

  test('of one channel is that channel', () => {
    expect(createMixer().mix({ sampleRate: RATE, channelCount: 1, samples: LEFT })).toBe(LEFT);
    expect(separate({ sampleRate: RATE, channelCount: 1, samples: LEFT }).channels).toEqual([LEFT]);
  });
});

async function collect<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}
