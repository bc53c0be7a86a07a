import fc from 'fast-check';
import { decode } from 'node-wav';
import { describe, expect, test } from 'vitest';

import { HearkenError } from '../../src/errors.ts';
import { createWavReader, encodeWav, readWav, type WavOptions } from '../../src/audio/wav.ts';
import { cut, cutsArbitrary, expectSameBits, join, noise } from './chunking.ts';
import { ascii, bytes, type Chunk, data, fmt, riff, u16, u32, u64 } from './wav-file.ts';

function readWhole(file: Uint8Array, options: WavOptions = {}): Float32Array {
  const reader = createWavReader(options);
  const samples = reader.push(file);
  reader.end();
  return samples;
}

function refusalOf(action: () => unknown): { code: string; message: string } {
  try {
    action();
  } catch (error) {
    if (error instanceof HearkenError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('Expected a refusal');
}

const LIST: Chunk = { name: 'LIST', content: ascii('INFOodd') };

describe('a WAV file', () => {
  test('is read sample by sample, full scale negative being -1', () => {
    expect([...readWhole(riff([fmt(), data(0, 16_384, 32_767, -32_768)]))]).toEqual([0, 0.5, 32_767 / 32_768, -1]);
  });

  test('may hold chunks of odd length, with padding, around its samples', () => {
    expect([...readWhole(riff([LIST, fmt(), LIST, data(8192), LIST]))]).toEqual([0.25]);
  });

  test('may lack the padding after its last chunk', () => {
    const file = riff([fmt({ bits: 8 }), { name: 'data', content: Uint8Array.of(0) }]);
    expect([...readWhole(file.slice(0, -1))]).toEqual([-1]);
  });

  test('may have a longer `fmt ` chunk than its format needs', () => {
    const longer = { name: 'fmt ', content: bytes(fmt().content, new Uint8Array(61)) };
    expect([...readWhole(riff([longer, data(8192)]))]).toEqual([0.25]);
  });

  test('keeps integers that do not fill their bytes at the top of them', () => {
    const format = fmt({ bits: 12, blockBytes: 2 });
    expect([...readWhole(riff([format, data(-32_768)]))]).toEqual([-1]);
  });

  test('may be RF64 or BW64, whose sizes are in a `ds64` chunk', () => {
    const ds64 = { name: 'ds64', content: bytes(u64(0), u64(2), u64(1), u32(0)) };
    const chunks = [ds64, fmt(), { ...data(8192), size: 0xffff_ffff }, LIST];
    expect([...readWhole(riff(chunks, { id: 'RF64', size: 0xffff_ffff }))]).toEqual([0.25]);
    expect([...readWhole(riff(chunks, { id: 'BW64', size: 0xffff_ffff }))]).toEqual([0.25]);
  });

  test('of RF64 longer than four gigabytes is not cut at 32 bits', () => {
    const ds64 = { name: 'ds64', content: bytes(u64(0), u64(2 ** 33 + 2), u64(1), u32(0)) };
    const file = riff([ds64, fmt(), { ...data(8192), size: 0xffff_ffff }], { id: 'RF64', size: 0xffff_ffff });
    expect(refusalOf(() => readWhole(file))).toEqual({
      code: 'wav/truncated',
      message: 'Expected 8589934594 bytes of samples at byte 80, got 2: the samples end at byte 82',
    });
  });

  test('of a live stream is read to its end, whatever size its writer put', () => {
    for (const size of [0, 0xffff_ffff, 0x7fff_f000, 0x8000_0000]) {
      for (const riffSize of [0, 0xffff_ffff, 0x7fff_f048]) {
        if (size === 0 && riffSize === 0x7fff_f048) continue;
        const file = riff([fmt(), { ...data(8192, 16_384), size }], { size: riffSize });
        expect([...readWhole(file)]).toEqual([0.25, 0.5]);
      }
    }
    const writtenAhead = riff([fmt(), { ...data(8192), size: 0 }], { size: 36 });
    expect([...readWhole(writtenAhead)]).toEqual([0.25]);
  });

  test('without samples is empty, also where other chunks follow', () => {
    expect(readWhole(riff([fmt(), data()])).length).toBe(0);
    expect(readWhole(riff([fmt(), data(), LIST])).length).toBe(0);
  });

  test('may have eight channels and a rate of 384 kHz', () => {
    const frame = [1, 2, 3, 4, 5, 6, 7, 8].map((value) => value * 1024);
    const file = riff([fmt({ channelCount: 8, sampleRate: 384_000 }), data(...frame, ...frame)]);
    const reader = createWavReader();
    expect([...reader.push(file)]).toEqual([4.5 / 32, 4.5 / 32]);
    expect(reader.format()).toEqual({ sampleRate: 384_000, channelCount: 8, encoding: 's16le' });
    expect([...readWhole(file, { channel: 7 })]).toEqual([0.25, 0.25]);
  });

  test('gives the same samples however its bytes were cut', () => {
    const samples = [...noise(90, 32_000)].map(Math.trunc);
    const file = riff([LIST, fmt({ channelCount: 3 }), data(...samples), LIST]);
    const whole = readWhole(file);
    const property = fc.property(cutsArbitrary, (cuts) => {
      const reader = createWavReader();
      const pieces = cut(file, cuts).map(reader.push);
      reader.end();
      expectSameBits(join(pieces), whole);
    });
    fc.assert(property);
  });
});

describe('a damaged WAV file', () => {
  const file = riff([LIST, fmt(), data(1, 2, 3)]);
  const dataStart = file.length - 6;

  test('cut at any byte is refused by where it ends, after the samples before that', () => {
    for (let length = 0; length < file.length; length++) {
      const reader = createWavReader();
      const samples = reader.push(file.slice(0, length));
      expect(samples.length).toBe(Math.max(0, Math.floor((length - dataStart) / 2)));
      const { code, message } = refusalOf(reader.end);
      expect(code).toBe('wav/truncated');
      expect(message).toMatch(new RegExp(`end.* at byte ${length}$`));
    }
  });

  test.each([
    ['an empty file', new Uint8Array(0), 'wav/truncated', 'a RIFF header at byte 0, got 0'],
    ['a text file', ascii('Call me Ishmael.'), 'wav/not-wav', 'at byte 0, got `Call`'],
    ['bytes that cannot be printed', new Uint8Array(12).fill(7), 'wav/not-wav', 'at byte 0, got `....`'],
    ['another RIFF file', riff([], { form: 'AVI ' }), 'wav/not-wav', '`WAVE` at byte 8, got `AVI `'],
    ['a big-endian file', riff([fmt(), data(1)], { id: 'RIFX' }), 'wav/big-endian', 'got big-endian `RIFX` at byte 0'],
    ['a header only', riff([fmt()]), 'wav/truncated', 'a chunk header (no samples yet) at byte 36, got 0'],
    ['samples before the format', riff([data(1), fmt()]), 'wav/no-format', 'got `data` at byte 12'],
    ['a short format', riff([{ ...fmt(), size: 14 }]), 'wav/format', '16 bytes of `fmt `, got 14 at byte 16'],
    ['a short ds64', riff([{ name: 'ds64', content: u32(0) }]), 'wav/format', '24 bytes of `ds64`, got 4 at byte 16'],
    ['no channel', riff([fmt({ channelCount: 0 })]), 'wav/format', 'at least one channel, got 0 at byte 22'],
    ['a rate of 0', riff([fmt({ sampleRate: 0 })]), 'wav/format', 'got 0 at byte 24'],
    ['a rate of 4 GHz', riff([fmt({ sampleRate: 4e9 })]), 'wav/format', 'got 4000000000 at byte 24'],
    ['a false block', riff([fmt({ blockBytes: 5 })]), 'wav/format', 'got 5 at byte 32'],
    ['no bits', riff([fmt({ bits: 0, blockBytes: 2 })]), 'wav/format', 'got 0 at byte 34'],
    ['floats of 16 bits', riff([fmt({ tag: 3 })]), 'wav/format', '32 or 64 bits of a float, got 16 at byte 34'],
    ['A-law of 16 bits', riff([fmt({ tag: 6 })]), 'wav/format', '8 bits of a G.711 sample, got 16 at byte 34'],
    ['another codec', riff([fmt({ tag: 0x55 })]), 'wav/unsupported', 'got format 0x0055 at byte 20'],
    [
      'a short extensible format',
      riff([fmt({ tag: 0xfffe })]),
      'wav/format',
      '40 bytes of an extensible format, got 16',
    ],
    ['a false size', riff([fmt(), { ...data(1), size: 6 }]), 'wav/truncated', '6 bytes of samples at byte 44, got 2'],
    ['half a frame', riff([fmt({ channelCount: 2 }), data(1)]), 'wav/truncated', 'got 2 bytes of one more'],
  ])('is refused by what is wrong and where: %s', (_, damaged, code, message) => {
    const refusal = refusalOf(() => readWhole(damaged));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(message);
  });

  test('of an extensible format with a foreign subtype is refused', () => {
    const content = bytes(fmt({ tag: 0xfffe }).content, u16(22, 16), u32(4), u16(1), new Uint8Array(14));
    const { code, message } = refusalOf(() => readWhole(riff([{ name: 'fmt ', content }, data(1)])));
    expect(code).toBe('wav/unsupported');
    expect(message).toContain('at byte 44');
  });

  test('keeps to its refusal when more bytes come', () => {
    const reader = createWavReader();
    expect(() => reader.push(ascii('Call me Ishmael.'))).toThrow('got `Call`');
    expect(() => reader.push(riff([fmt(), data(1)]))).toThrow('got `Call`');
  });

  test('with a channel that it does not have is refused', () => {
    for (const channel of [2, -1, 0.5]) {
      const { code, message } = refusalOf(() => readWhole(riff([fmt({ channelCount: 2 }), data(1, 2)]), { channel }));
      expect(code).toBe('wav/channel');
      expect(message).toContain(`0..1 (the file's channels), got ${channel}`);
    }
  });

  test('with samples that are no numbers is refused by their byte, unless they are in another channel', () => {
    const content = new Uint8Array(24);
    const view = new DataView(content.buffer);
    const damaged = (value: number) => {
      view.setFloat64(8, value, true);
      return riff([fmt({ tag: 3, bits: 64, channelCount: 3 }), { name: 'data', content }]);
    };
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, -1e300]) {
      expect(refusalOf(() => readWhole(damaged(value)))).toEqual({
        code: 'audio/non-finite-sample',
        message: `Expected samples to be finite float32 numbers, got ${value} at byte 52`,
      });
      expect([...readWhole(damaged(value), { channel: 2 })]).toEqual([0]);
    }
  });
});

describe('random bytes', () => {
  const runs = Number(process.env['HEARKEN_FUZZ_RUNS'] ?? 2000);
  const anyChunk = fc.record({
    name: fc.constantFrom('fmt ', 'data', 'ds64', 'LIST', 'fact'),
    size: fc.oneof(fc.nat(64), fc.constantFrom(0, 0xffff_ffff, 0x7fff_ffff, 0x7fff_f000)),
    content: fc.uint8Array({ maxLength: 64 }),
  });
  const anyFile = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(anyChunk, { maxLength: 5 }).map((chunks) => riff(chunks)),
    fc
      .tuple(fc.constantFrom(1, 3, 6, 7, 0xfffe), fc.nat(9), fc.constantFrom(8, 16, 24, 32, 64), fc.array(anyChunk))
      .map(([tag, channelCount, bits, chunks]) => riff([fmt({ tag, channelCount, bits }), ...chunks])),
  );

  const timeout = 30_000 + runs; // milliseconds

  test(
    'give finite samples, no more than there are bytes, or a HearkenError (HEARKEN_FUZZ_RUNS sets how many)',
    () => {
      const property = fc.property(anyFile, cutsArbitrary, (file, cuts) => {
        const reader = createWavReader();
        let count = 0;
        try {
          for (const piece of cut(file, cuts)) {
            const samples = reader.push(piece);
            count += samples.length;
            expect(samples.every(Number.isFinite)).toBe(true);
          }
          reader.end();
        } catch (error) {
          if (!(error instanceof HearkenError)) throw error;
        }
        expect(count).toBeLessThanOrEqual(file.length);
      });
      fc.assert(property, { numRuns: runs });
    },
    timeout,
  );
});

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

describe('readWav', () => {
  const file = riff([fmt(), data(8192, 16_384)]);

  test('gives the format first and then the samples', async () => {
    const { format, samples } = await readWav(cut(file, [0.1, 0.5, 0.97]));
    expect(format).toEqual({ sampleRate: 16_000, channelCount: 1, encoding: 's16le' });
    const pieces: Float32Array[] = [];
    for await (const piece of samples) pieces.push(piece);
    expectSameBits(join(pieces), Float32Array.of(0.25, 0.5));
  });

  test('refuses a damaged header at once and a missing end after the samples', async () => {
    await expect(readWav([ascii('Call me Ishmael.')])).rejects.toThrow('`Call`');
    await expect(readWav([])).rejects.toMatchObject({ code: 'wav/truncated' });
    const { samples } = await readWav([file.slice(0, -2)]);
    expect(await samples.next()).toEqual({ done: false, value: Float32Array.of(0.25) });
    await expect(samples.next()).rejects.toMatchObject({ code: 'wav/truncated' });
  });

  test('closes its source when the samples are not wanted', async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield file;
        yield file;
      } finally {
        isClosed = true;
      }
    }
    const { samples } = await readWav(source());
    await samples.return();
    expect(isClosed).toBe(true);
  });
});
