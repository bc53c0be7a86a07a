import { describe, expect, test } from 'vitest';

import { readAudio } from '../../src/audio/read-audio.ts';
import { ascii, bytes } from './wav-file.ts';

async function refusal(file: Uint8Array): Promise<{ code: string; message: string }> {
  try {
    for await (const _ of readAudio([file], { sampleRate: 16_000 }));
  } catch (error) {
    return error as { code: string; message: string }; // what `readAudio` throws
  }
  throw new Error('Expected a refusal');
}

/** MPEG 1, layer 3, 48 kHz, 64 kbit/s: 192 bytes. */
const MP3_FRAME = bytes(Uint8Array.of(0xff, 0xfb, 0x54, 0xc0), new Uint8Array(188));
/** AAC, 8 kHz, one channel: a header of 7 bytes that says 20. */
const ADTS_FRAME = bytes(Uint8Array.of(0xff, 0xf1, 0x6c, 0x40, 0x02, 0x9f, 0xfc), new Uint8Array(13));

describe('what begins with set bits', () => {
  test.each([
    ['silence in mu-law', new Uint8Array(9000).fill(0xff)],
    ['silence in mu-law with a sign', Uint8Array.from({ length: 9000 }, (_, index) => (index % 2 === 0 ? 0xff : 0x7f))],
    ['text in UTF-16', Uint8Array.from(Buffer.from(`\uFEFF${'Call me Ishmael. '.repeat(600)}`, 'utf16le'))],
    [
      'text in UTF-16, the highest byte first',
      Uint8Array.from(Buffer.from(`\uFEFF${'Nun. '.repeat(9)}`, 'utf16le')).map((_, index, all) => all[index ^ 1]!),
    ],
    ['one header of MPEG without a second', bytes(MP3_FRAME, new Uint8Array(500))],
    ['a header of MPEG alone', MP3_FRAME.slice(0, 100)],
    ['one header of AAC without a second', bytes(ADTS_FRAME, new Uint8Array(500))],
  ])('is no audio if it is %s', async (_, file) => {
    expect(await refusal(file)).toMatchObject({ code: 'audio/unknown-container' });
  });

  test.each([
    ['frames of MP3', bytes(...new Array<Uint8Array>(3).fill(MP3_FRAME))],
    ['frames of AAC', bytes(...new Array<Uint8Array>(3).fill(ADTS_FRAME))],
    ['a single frame of MP3', MP3_FRAME],
  ])('is taken for audio if it is %s', async (_, file) => {
    const failure = await refusal(file).catch(() => undefined); // these hold nothing but zeros
    expect(failure?.code).not.toBe('audio/unknown-container');
  });
});

describe('a container that is not read', () => {
  test.each([
    ['NIST_1A\n   1024\n', 'NIST SPHERE'],
    ['Creative Voice File\x1a', 'Creative Voice'],
    ['wvpk', 'WavPack'],
    ['MAC ', "Monkey's Audio"],
    [`OggS${'\0'.repeat(24)}Speex   `, 'Speex in Ogg'],
    [`OggS${'\0'.repeat(24)}\x80theora`, 'Theora in Ogg'],
  ])('is refused by its name: %j', async (start, name) => {
    const { code, message } = await refusal(ascii(start.padEnd(60, 'x')));
    expect(code).toBe('audio/unread-container');
    expect(message).toContain(`got ${name}; \`ffmpeg -i X -f wav - | hearken transcribe -\``);
  });
});
