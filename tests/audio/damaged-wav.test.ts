import { describe, expect, test } from 'vitest';

import { HearkenError } from '../../src/errors.ts';
import { cut } from './chunking.ts';
import { ascii, bytes, type Chunk, data, fmt, riff, u16, u32 } from './wav-file.ts';
import { openReader, readAll, readWhole, refusalOf } from './wav-reading.ts';

const LIST: Chunk = { name: 'LIST', content: ascii('INFOodd') };

describe('a damaged WAV file', () => {
  const file = riff([LIST, fmt(), data(1, 2, 3)]);
  const dataStart = file.length - 6;
  const readUpTo = (length: number) => {
    try {
      const { samples, damage } = readAll([file.slice(0, length)]);
      if (damage !== undefined) return { samples, damage };
    } catch (error) {
      if (error instanceof HearkenError) return { samples: [], damage: error };
      throw error;
    }
    throw new Error('Expected damage');
  };

  test('cut at any byte is refused by where it ends, after the samples before that', () => {
    for (let length = 0; length < file.length; length++) {
      const { samples, damage } = readUpTo(length);
      expect(samples.length).toBe(Math.max(0, Math.floor((length - dataStart) / 2)));
      const { code, message } = damage;
      expect(code).toBe('wav/truncated');
      expect(message).toMatch(new RegExp(`end.* at byte ${length}$`));
    }
  });

  test.each([
    ['an empty file', new Uint8Array(0), 'wav/truncated', 'a RIFF header at byte 0, got 0'],
    ['a text file', ascii('Call me Ishmael.'), 'wav/not-wav', 'at byte 0, got `Call`'],
    ['bytes that cannot be printed', new Uint8Array(12).fill(7), 'wav/not-wav', 'at byte 0, got `....`'],
    ['another RIFF file', riff([], { form: 'AVI ' }), 'wav/not-wav', '`WAVE` at byte 8, got `AVI `'],
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
    [
      'another codec',
      riff([fmt({ tag: 0x55 })]),
      'wav/unsupported',
      'got MP3 (format 0x0055) at byte 20; `ffmpeg -i X -f wav - | hearken',
    ],
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
    const reader = openReader();
    expect(() => reader.push(ascii('Call me Ishmael.'))).toThrow('got `Call`');
    expect(() => reader.push(riff([fmt(), data(1)]))).toThrow('got `Call`');
  });

  test('with a channel that it does not have is refused', () => {
    for (const channel of [2, -1, 0.5]) {
      const { code, message } = refusalOf(() => readWhole(riff([fmt({ channelCount: 2 }), data(1, 2)]), { channel }));
      expect(code).toBe('wav/channel');
      expect(message).toContain(`0..1, which the recording has, got ${channel}`);
    }
  });

  test('with a sample that is no number gives those before it, however the bytes were cut', () => {
    const values = Float32Array.of(0.5, 0.25, Number.NaN, 0.125);
    const damaged = riff([fmt({ tag: 3, bits: 32 }), { name: 'data', content: new Uint8Array(values.buffer) }]);
    for (const cuts of [[], [0.7, 0.83], [0.2, 0.9]]) {
      const { samples, damage } = readAll(cut(damaged, cuts));
      expect([...samples]).toEqual([0.5, 0.25]);
      expect(damage).toMatchObject({ code: 'audio/non-finite-sample' });
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
