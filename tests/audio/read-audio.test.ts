import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { decodeCompressed } from '../../src/audio/decode-compressed.ts';
import { decodeAudio, readAudio, readPcm } from '../../src/audio/read-audio.ts';
import type { HearkenError } from '../../src/errors.ts';
import { resample } from '../../src/audio/resample.ts';
import { encodeWav } from '../../src/audio/wav.ts';
import { cut, expectSameBits, join, noise } from './chunking.ts';
import { ascii, data, fmt, riff } from './wav-file.ts';
import { readWhole } from './wav-reading.ts';

const sampleRate = 16_000;

function recording(extension: string): string {
  return fileURLToPath(new URL(`../golden/audio/containers/tone.${extension}`, import.meta.url));
}

async function collect(pieces: AsyncIterable<Float32Array>): Promise<Float32Array> {
  const collected: Float32Array[] = [];
  for await (const piece of pieces) collected.push(piece);
  return join(collected);
}

/** Amplitude and delay, in seconds, of a tone in the middle of `samples`. */
function toneOf(samples: Float32Array, hz: number): { amplitude: number; delay: number } {
  let [sine, cosine] = [0, 0];
  for (let index = 1600; index < 3200; index++) {
    const angle = (2 * Math.PI * hz * index) / sampleRate;
    sine += samples[index]! * Math.sin(angle);
    cosine += samples[index]! * Math.cos(angle);
  }
  return { amplitude: Math.hypot(sine, cosine) / 800, delay: -Math.atan2(cosine, sine) / (2 * Math.PI * hz) };
}

describe('a WAV file', () => {
  test('is read, mixed and resampled as in one piece', async () => {
    const path = recording('wav');
    const whole = readWhole(await readFile(path));
    const expected = resample(whole, { inputRate: 22_050, outputRate: sampleRate });
    expectSameBits(await collect(readAudio(path, { sampleRate })), expected);
    expectSameBits(await collect(readAudio(cut(await readFile(path), [0, 0.0001, 0.3]), { sampleRate })), expected);
  });

  test('gives one channel where one is wanted', async () => {
    const [first, second] = await Promise.all(
      [0, 1].map(async (channel) => toneOf(await collect(readAudio(recording('wav'), { sampleRate, channel })), 440)),
    );
    expect((second?.amplitude ?? 0) / (first?.amplitude ?? 0)).toBeCloseTo(0.25, 3);
  });

  test('at the wanted rate is left alone', async () => {
    const samples = noise(1000);
    const file = encodeWav([samples], { sampleRate, encoding: 'float32' });
    expectSameBits(await collect(readAudio([file], { sampleRate })), samples);
  });

  test('comes in pieces of bounded length, however large the chunks of bytes', async () => {
    const file = encodeWav([noise(80_000)], { sampleRate: 8000 });
    for await (const piece of readAudio([file], { sampleRate }))
      expect(piece.length).toBeLessThanOrEqual(2 * 16_384 + 2);
  });

  test('that is damaged is refused after what could be heard', async () => {
    const file = riff([fmt(), data(...Array(5000).fill(8192))]).slice(0, -10);
    const pieces = readAudio(cut(file, [0.5]), { sampleRate });
    const heard = [await pieces.next(), await pieces.next()].map(({ value }) => value?.length ?? 0);
    expect(heard.reduce((sum, length) => sum + length)).toBe(4995);
    await expect(pieces.next()).rejects.toMatchObject({ code: 'wav/truncated' });
  });

  test('that is damaged tells of it where somebody wants to know, after what could be heard', async () => {
    const whole = riff([fmt({ sampleRate: 8000 }), data(...Array(5000).fill(8192))]);
    const heard = await collect(readAudio([whole], { sampleRate }));
    const codes: string[] = [];
    const onDamage = ({ code }: HearkenError) => codes.push(code);
    const halfASample = riff([fmt({ sampleRate: 8000 }), { ...data(...Array(5000).fill(8192)), size: 0x7fff_ffff }]);
    expectSameBits(await collect(readAudio([whole], { sampleRate, onDamage })), heard);
    expect(codes).toEqual([]);
    const longer = riff([fmt({ sampleRate: 8000 }), { ...data(...Array(5000).fill(8192)), size: 11_000 }]);
    expectSameBits(await collect(readAudio([longer], { sampleRate, onDamage })), heard);
    expectSameBits(
      await collect(readAudio([halfASample, Uint8Array.of(7)], { sampleRate, onDamage })),
      await collect(readAudio([halfASample], { sampleRate })),
    );
    const { value } = await decodeAudio([longer], { onDamage }).next();
    expect(value?.samples.length).toBe(5000);
    expect(codes).toEqual(['wav/truncated', 'wav/truncated']);
  });

  test('of which nothing can be heard is refused, whoever wants to know', async () => {
    const onDamage = () => undefined;
    const file = riff([fmt(), { ...data(), size: 1000 }]);
    await expect(collect(readAudio([file], { sampleRate, onDamage }))).rejects.toMatchObject({ code: 'wav/truncated' });
  });

  test('gives what the resampler still held before its damage is thrown', async () => {
    const file = riff([fmt({ sampleRate: 8000 }), { ...data(...Array(5000).fill(8192)), size: 11_000 }]);
    let length = 0;
    const reading = async () => {
      for await (const piece of readAudio([file], { sampleRate })) length += piece.length;
    };
    await expect(reading()).rejects.toMatchObject({ code: 'wav/truncated' });
    expect(length).toBe(10_000);
  });

  test('at a rate below 4 kHz is refused', async () => {
    const file = riff([fmt({ sampleRate: 1 }), data(1, 2)]);
    await expect(collect(readAudio([file], { sampleRate }))).rejects.toMatchObject({
      code: 'audio/sample-rate',
      message: 'Expected a recording at a whole number of Hz in 4000..768000, got 1 Hz',
    });
  });

  test('of 384 kHz and eight channels is heard', async () => {
    const channels = Array.from({ length: 8 }, () =>
      Float32Array.from({ length: 76_800 }, (_, t) => 0.5 * Math.sin((2 * Math.PI * 440 * t) / 384_000)),
    );
    const file = encodeWav(channels, { sampleRate: 384_000 });
    const samples = await collect(readAudio([file], { sampleRate }));
    expect(samples.length).toBe(3200);
    expect(samples[2400]).toBeCloseTo(0.5 * Math.sin(2 * Math.PI * 440 * 0.15), 4);
  });
});

/** An MP4 file that ends in its index, with that before its samples; they are found by their place in the file. */
function indexFirst(file: Buffer): Buffer {
  const index = file.indexOf('moov', 0, 'latin1') - 4;
  const samples = file.indexOf('mdat', 0, 'latin1') - 4;
  const moov = Buffer.from(file.subarray(index, index + file.readUInt32BE(index)));
  const table = moov.indexOf('stco', 0, 'latin1') + 8; // after its name, version and flags: a count, then places
  for (let entry = 0; entry < moov.readUInt32BE(table); entry++) {
    const at = table + 4 + 4 * entry;
    moov.writeUInt32BE(moov.readUInt32BE(at) + moov.length, at);
  }
  return Buffer.concat([file.subarray(0, samples), moov, file.subarray(samples, index)]);
}

describe('another container', () => {
  test.each([
    ['flac', 1e-4],
    ['aiff', 1e-6],
    ['mp3', 0.01],
    ['ogg', 0.01],
    ['opus', 0.01],
    ['m4a', 0.01],
  ])('is decoded: %s', async (extension, tolerance) => {
    const samples = await collect(readAudio(recording(extension), { sampleRate }));
    const original = toneOf(await collect(readAudio(recording('wav'), { sampleRate })), 440);
    const { amplitude, delay } = toneOf(samples, 440);
    expect(samples.length).toBe(4800);
    expect(Math.abs(amplitude - original.amplitude)).toBeLessThan(tolerance);
    expect(Math.abs(delay)).toBeLessThan(0.5 / 22_050);
  });

  test('may come in any chunks', async () => {
    const bytes = await readFile(recording('flac'));
    const whole = await collect(readAudio([bytes], { sampleRate }));
    expectSameBits(await collect(readAudio(cut(bytes, [0.0001, 0.2, 0.5, 0.9]), { sampleRate })), whole);
  });

  test.each(['flac', 'm4a'])('that is cut short or broken is told of after what is there: %s', async (extension) => {
    const whole = await readFile(recording(extension));
    const faults: string[] = [];
    const onDamage = ({ code }: HearkenError) => faults.push(code);
    const all = await collect(readAudio([whole], { sampleRate, onDamage }));
    expect(faults).toEqual([]);
    const boxes = extension === 'm4a' ? indexFirst(whole) : whole;
    const part = await collect(readAudio([boxes.subarray(0, -400)], { sampleRate, onDamage }));
    expect(part.length).toBeGreaterThan(0);
    expect(part.length).toBeLessThanOrEqual(all.length);
    expect(faults).toEqual(['audio/truncated']);
  });

  test('with a channel that it does not have is refused', async () => {
    await expect(collect(readAudio(recording('flac'), { sampleRate, channel: 2 }))).rejects.toMatchObject({
      code: 'audio/channel',
      message: 'Expected a channel in 0..1, which the recording has, got 2',
    });
  });

  test('that is damaged is refused', async () => {
    for (const head of ['fLaC', 'OggS']) {
      const pieces = readAudio([ascii(`${head}${'x'.repeat(500)}`)], { sampleRate });
      await expect(collect(pieces)).rejects.toMatchObject({ code: 'audio/undecodable' });
    }
  });

  test('of a codec that the decoder does not know is refused with a way to hear it', async () => {
    const film = [ascii('\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  '), ascii('\x00\x00\x00\x08moov')];
    await expect(collect(readAudio(film, { sampleRate }))).rejects.toMatchObject({
      code: 'audio/undecodable',
      message: expect.stringMatching(/got: .+; `ffmpeg -i X/),
    });
  });

  test('without the decoder is refused with the command that installs it', async () => {
    const load = () => Promise.reject(new Error("Cannot find package 'audio-decode'"));
    async function* bytes() {
      yield ascii('fLaC');
    }
    const pieces = decodeCompressed(bytes(), { container: 'flac', channel: 'mix', load });
    await expect(pieces.next()).rejects.toMatchObject({
      code: 'audio/needs-audio-decode',
      message:
        'Expected a container that is read without help, got flac: to read it, install the decoder with `npm install audio-decode`',
    });
  });

  test('closes its source when the rest is not wanted', async () => {
    let isClosed = false;
    async function* source() {
      try {
        for (const piece of cut(await readFile(recording('flac')), [0.9])) yield piece;
      } finally {
        isClosed = true;
      }
    }
    const pieces = readAudio(source(), { sampleRate });
    expect((await pieces.next()).done).toBe(false);
    await pieces.return();
    expect(isClosed).toBe(true);
  });
});

describe('what is no audio', () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));

  test.each([
    ['a missing file', `${folder}missing.wav`, 'audio/no-file', 'missing.wav`, which does not exist'],
    ['a directory', folder, 'audio/is-directory', `the directory \`${folder}\``],
    [
      'a text file',
      fileURLToPath(import.meta.url),
      'audio/unknown-container',
      'starts with `import { readFil`; `ffmpeg -i X',
    ],
    ['an empty file', [], 'audio/unknown-container', 'got an empty file'],
    ['bytes that cannot be printed', [new Uint8Array(40)], 'audio/unknown-container', `\`${'.'.repeat(16)}\``],
    ['a film', [riff([], { form: 'AVI ' })], 'audio/unread-container', 'got AVI video; `ffmpeg -i X'],
    ['another RIFF file', [riff([], { form: 'WEBP' })], 'wav/not-wav', 'got `WEBP`'],
  ])('is refused: %s', async (_, source, code, message) => {
    const failure = collect(readAudio(source, { sampleRate }));
    await expect(failure).rejects.toMatchObject({ code });
    await expect(failure).rejects.toThrow(message);
  });

  test('closes its source', async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield ascii('Call me Ishmael. Some years ago - never mind how long');
        yield ascii('precisely');
      } finally {
        isClosed = true;
      }
    }
    await expect(collect(readAudio(source(), { sampleRate }))).rejects.toThrow('Call me Ishmael.');
    expect(isClosed).toBe(true);
  });
});

describe('raw samples', () => {
  test('are brought to the wanted rate', async () => {
    const samples = noise(800);
    const bytes = new Uint8Array(samples.buffer);
    const options = { encoding: 'f32le', inputRate: 8000, sampleRate } as const;
    const expected = resample(samples, { inputRate: 8000, outputRate: sampleRate });
    expectSameBits(await collect(readPcm(cut(bytes, [0.1, 0.11, 0.5]), options)), expected);
  });

  test('at an impossible rate are refused at once', () => {
    expect(() => readPcm([], { encoding: 'u8', inputRate: 0, sampleRate })).toThrow('Expected `inputRate`');
  });
});
