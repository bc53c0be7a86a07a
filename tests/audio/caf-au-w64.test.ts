import { describe, expect, test } from 'vitest';

import { be16, be32, be64 } from './big-endian.ts';
import { ascii, bytes, fmt, u16, u32, u64 } from './wav-file.ts';
import { openReader, readAll, readWhole, refusalOf } from './wav-reading.ts';

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

describe('a CAF file', () => {
  const container = 'caf';
  type Description = { codec?: string; flags?: number; packetBytes?: number; channels?: number; bits?: number };
  const chunk = (name: string, content: Uint8Array, size = content.length) =>
    bytes(ascii(name), size < 0 ? hex('ffffffffffffffff') : be64(size), content);
  const desc = ({ codec = 'lpcm', flags = 0, packetBytes = 2, channels = 1, bits = 16 }: Description = {}) =>
    chunk('desc', bytes(hex('40bf400000000000'), ascii(codec), be32(flags, packetBytes, 1, channels, bits))); // 8000 Hz
  const caf = (...chunks: readonly Uint8Array[]) => bytes(ascii('caff'), be16(1, 0), ...chunks);
  const data = (samples: Uint8Array, size?: number) => chunk('data', bytes(be32(0), samples), size);

  test.each([
    ['lpcm', { bits: 8, packetBytes: 1 }, [0x40], 0.5],
    ['lpcm', {}, [0x40, 0], 0.5],
    ['lpcm', { flags: 2 }, [0, 0x40], 0.5],
    ['lpcm', { bits: 20, packetBytes: 3 }, [0x40, 0, 0], 0.5],
    ['lpcm', { bits: 32, packetBytes: 4, flags: 3 }, [0, 0, 0, 0x3f], 0.5],
    ['lpcm', { bits: 64, packetBytes: 8, flags: 1 }, [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], 0.5],
    ['ulaw', { bits: 8, packetBytes: 1 }, [0x00], -32_124 / 32_768],
    ['alaw', { bits: 8, packetBytes: 1 }, [0x2a], -32_256 / 32_768],
  ])('of %s as %j is read', (codec, description, samples, expected) => {
    const file = caf(desc({ codec, ...description }), data(Uint8Array.from(samples)));
    expect([...readWhole(file, { container })]).toEqual([expected]);
  });

  test('may hold chunks around its samples', () => {
    const file = caf(
      desc(),
      chunk('free', new Uint8Array(7)),
      data(be16(0x4000)),
      chunk('info', new Uint8Array(9000).fill(1)),
    );
    expect([...readWhole(file, { container })]).toEqual([0.5]);
  });

  test('whose writer did not know its size is read to its end', () => {
    for (const size of [-1, 0]) {
      expect([...readWhole(caf(desc(), data(be16(0x4000, 0x2000), size)), { container })]).toEqual([0.5, 0.25]);
    }
  });

  test('that is cut short gives what there is and tells of it', () => {
    const { samples, damage } = readAll([caf(desc(), data(be16(0x4000), 10))], { container });
    expect([...samples]).toEqual([0.5]);
    expect(damage?.code).toBe('caf/truncated');
  });

  test.each([
    ['AAC', caf(desc({ codec: 'aac ' })), 'caf/unsupported', 'got AAC (`aac `) at byte 28; `ffmpeg -i X -f wav - |'],
    ['ALAC', caf(desc({ codec: 'alac' })), 'caf/unsupported', 'got ALAC'],
    ['floats of 16 bits', caf(desc({ flags: 1 })), 'caf/format', 'got 16 bits in 2 bytes'],
    ['5 bytes a sample', caf(desc({ packetBytes: 5, bits: 40 })), 'caf/format', 'got 40 bits in 5 bytes'],
    ['no channel', caf(desc({ channels: 0 })), 'caf/format', '1..65535 channels, got 0'],
    ['samples first', caf(data(be16(1))), 'caf/no-format', 'got `data` at byte 8'],
    ['version 2', bytes(ascii('caff'), be16(2, 0)), 'caf/format', 'version 1 of CAF, got 2'],
    ['a negative size', caf(chunk('free', new Uint8Array(0), -1)), 'caf/format', 'a size of `free`, got -1'],
  ])('is refused by what is wrong: %s', (_, file, code, message) => {
    const refusal = refusalOf(() => readWhole(file, { container }));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(message);
  });
});

describe('an AU file', () => {
  const container = 'au';
  type Header = { size?: number; start?: number; code?: number; rate?: number; channels?: number };
  const au = (samples: readonly number[], header: Header = {}) => {
    const { size = samples.length, start = 28, code = 3, rate = 8000, channels = 1 } = header;
    return bytes(ascii('.snd'), be32(start, size, code, rate, channels), ascii('note'), Uint8Array.from(samples));
  };

  test.each([
    [1, [0x00], -32_124 / 32_768],
    [2, [0x40], 0.5],
    [3, [0x40, 0], 0.5],
    [4, [0x40, 0, 0], 0.5],
    [5, [0x40, 0, 0, 0], 0.5],
    [6, [0x3f, 0, 0, 0], 0.5],
    [7, [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], 0.5],
    [27, [0x2a], -32_256 / 32_768],
  ])('of encoding %i is read', (code, samples, expected) => {
    expect([...readWhole(au(samples, { code }), { container })]).toEqual([expected]);
  });

  test('may have its lowest byte first', () => {
    const file = bytes(ascii('dns.'), u32(24, 2, 3, 8000, 1), u16(0x4000));
    expect([...readWhole(file, { container })]).toEqual([0.5]);
  });

  test('whose writer did not know its size is read to its end', () => {
    for (const size of [0xffff_ffff, 0, 0x7fff_ffff]) {
      expect([...readWhole(au([0x40, 0, 0x20, 0], { size }), { container })]).toEqual([0.5, 0.25]);
    }
  });

  test.each([
    ['G.721', au([], { code: 23 }), 'au/unsupported', 'got G.721 ADPCM (23) at byte 12'],
    ['an early start', au([], { start: 20 }), 'au/format', 'samples at byte 24 or later, got 20'],
    ['no channel', au([], { channels: 0 }), 'au/format', '1..65535 channels, got 0'],
    ['no rate', au([], { rate: 0 }), 'au/format', 'a sample rate in 1..768000 Hz, got 0'],
  ])('is refused by what is wrong: %s', (_, file, code, message) => {
    const refusal = refusalOf(() => readWhole(file, { container }));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(message);
  });
});

describe('a Wave64 file', () => {
  const container = 'w64';
  const tail = hex('f3acd3118cd100c04f8edb8a');
  const chunk = (name: string, content: Uint8Array, size = content.length + 24) =>
    bytes(ascii(name), tail, u64(size), content, new Uint8Array((8 - (content.length % 8)) % 8));
  const w64 = (...chunks: readonly Uint8Array[]) =>
    bytes(ascii('riff'), hex('2e91cf11a5d628db04c10000'), u64(0), ascii('wave'), tail, ...chunks);
  const format = chunk('fmt ', fmt().content);

  test('is read, whatever stands around its samples', () => {
    const list = chunk('list', new Uint8Array(9001).fill(1));
    const file = w64(list, format, chunk('data', u16(0x4000, 0x2000, 0x1000)), list);
    expect([...readWhole(file, { container })]).toEqual([0.5, 0.25, 0.125]);
  });

  test('whose writer did not know its size is read to its end', () => {
    for (const size of [0, 2 ** 63]) {
      expect([...readWhole(w64(format, chunk('data', u16(1, 2, 3, 0x4000), size)), { container })]).toHaveLength(4);
    }
  });

  test('whose size counts the padding gives no part of a sample for it', () => {
    const wide = chunk('fmt ', fmt({ bits: 24 }).content);
    const { samples, damage } = readAll([w64(wide, chunk('data', hex('000040000040'), 24 + 8))], { container });
    expect([...samples]).toEqual([0.5, 0.5]);
    expect(damage).toBe(undefined);
  });

  test('is refused by what is wrong', () => {
    expect(refusalOf(() => readWhole(ascii('riff'.repeat(12)), { container })).code).toBe('wav/not-wav');
    expect(refusalOf(() => readWhole(w64(chunk('data', u16(1))), { container })).code).toBe('wav/no-format');
    expect(refusalOf(() => readWhole(w64(chunk('fmt ', u16(1))), { container })).message).toContain(
      '16 bytes of `fmt `, got 2',
    );
    expect(refusalOf(() => readWhole(w64(chunk('junk', u16(1), 3)), { container })).message).toContain(
      'at least 24 bytes, got 3',
    );
    expect(openReader({ container }).format()).toBe(undefined);
  });
});
