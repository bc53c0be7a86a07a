import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { readSoundFile } from '../../src/audio/sound-file.ts';
import { cut, cutsArbitrary, expectSameBits, join, noise } from './chunking.ts';
import { ascii, bytes, type Chunk, data, fmt, riff, u32, u64 } from './wav-file.ts';
import { openReader, readAll, readWhole, refusalOf } from './wav-reading.ts';

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
    const sizes = [0, 0xffff_ffff, 0xffff_ffdb, 0x7fff_f000, 0x8000_0000, 0x7fff_ffff, 0x7fff_ffd3, 2_000_000_000];
    for (const size of sizes) {
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
    const reader = openReader();
    expect([...reader.push(file)]).toEqual([4.5 / 32, 4.5 / 32]);
    expect(reader.format()).toEqual({ sampleRate: 384_000, channelCount: 8, encoding: 's16le' });
    expect([...readWhole(file, { channel: 7 })]).toEqual([0.25, 0.25]);
  });

  test('gives the same samples however its bytes were cut', () => {
    const samples = [...noise(90, 32_000)].map(Math.trunc);
    const file = riff([LIST, fmt({ channelCount: 3 }), data(...samples), LIST]);
    const whole = readWhole(file);
    const property = fc.property(cutsArbitrary, (cuts) => {
      expectSameBits(readAll(cut(file, cuts)).samples, whole);
    });
    fc.assert(property);
  });
});

describe('what stands after the samples of a WAV file', () => {
  const one = riff([fmt(), data(8192)]);

  test('is heard on where it is samples too', () => {
    expect([...readWhole(riff([fmt(), data(8192), LIST, data(16_384, 4096), LIST]))]).toEqual([0.25, 0.5, 0.125]);
    const odd = { name: 'data', content: Uint8Array.of(192) };
    expect([...readWhole(riff([fmt({ bits: 8 }), odd, odd]))]).toEqual([0.5, 0.5]);
  });

  test('is told of where it ends inside a second chunk of samples', () => {
    const { samples, damage } = readAll([riff([fmt(), data(8192), { ...data(16_384), size: 6 }])]);
    expect([...samples]).toEqual([0.25, 0.5]);
    expect(damage?.message).toBe('Expected 6 bytes of samples at byte 54, got 2: the samples end at byte 56');
  });

  test('is told of where it is another recording, or much that is no chunk', () => {
    const recording = riff([fmt(), data(...new Array<number>(3000).fill(8192))]);
    for (const rest of [recording, new Uint8Array(5000).fill(7)]) {
      const { samples, damage } = readAll([one, rest]);
      expect([...samples]).toEqual([0.25]);
      expect(damage).toMatchObject({
        code: 'wav/trailing-bytes',
        message: `Expected the recording to end at byte 46, as it says, got ${rest.length} more bytes, which are not heard`,
      });
    }
  });

  test('is passed over where it is a tag, or what a recorder fills its blocks with', () => {
    for (const rest of [ascii(`TAG${'x'.repeat(125)}`), new Uint8Array(100_000), ascii('id'), Uint8Array.of(0)]) {
      expect([...readWhole(bytes(one, rest))]).toEqual([0.25]);
    }
    const picture: Chunk = { name: 'id3 ', content: new Uint8Array(50_000).fill(9) };
    expect([...readWhole(riff([fmt(), data(8192), picture]))]).toEqual([0.25]);
  });
});

describe('RIFX', () => {
  const swap = (content: Uint8Array, width: number) =>
    Uint8Array.from(content, (_, index) => content[index - (index % width) + width - 1 - (index % width)]!);
  const rifx = (formatTag: number, bits: number, samples: Uint8Array) => {
    const { content } = fmt({ tag: formatTag, bits });
    const format = bytes(swap(content.slice(0, 4), 2), swap(content.slice(4, 12), 4), swap(content.slice(12), 2));
    const chunk = (name: string, body: Uint8Array) => bytes(ascii(name), swap(u32(body.length), 4), body);
    const body = bytes(ascii('WAVE'), chunk('fmt ', format), chunk('data', samples));
    return bytes(ascii('RIFX'), swap(u32(body.length), 4), body);
  };

  test.each([
    [1, 8, [192]],
    [1, 16, [0x40, 0]],
    [1, 24, [0x40, 0, 0]],
    [1, 32, [0x40, 0, 0, 0]],
    [3, 32, [0x3f, 0, 0, 0]],
  ])('of format %i and %i bits has its highest byte first', (tag, bits, samples) => {
    expect([...readWhole(rifx(tag, bits, Uint8Array.from(samples)))]).toEqual([0.5]);
  });
});

describe('readSoundFile', () => {
  const file = riff([fmt(), data(8192, 16_384)]);
  const container = 'wav';

  test('gives pieces with their rate', async () => {
    const pieces: Float32Array[] = [];
    for await (const { samples, sampleRate } of readSoundFile(cut(file, [0.1, 0.5, 0.97]), { container })) {
      expect(sampleRate).toBe(16_000);
      pieces.push(samples);
    }
    expectSameBits(join(pieces), Float32Array.of(0.25, 0.5));
  });

  test('refuses a damaged header at once and a missing end after the samples', async () => {
    await expect(readSoundFile([ascii('Call me Ishmael.')], { container }).next()).rejects.toThrow('`Call`');
    await expect(readSoundFile([], { container }).next()).rejects.toMatchObject({ code: 'wav/truncated' });
    const pieces = readSoundFile([file.slice(0, -2)], { container });
    expect((await pieces.next()).value?.samples).toEqual(Float32Array.of(0.25));
    await expect(pieces.next()).rejects.toMatchObject({ code: 'wav/truncated' });
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
    const pieces = readSoundFile(source(), { container });
    await pieces.next();
    await pieces.return();
    expect(isClosed).toBe(true);
  });
});
