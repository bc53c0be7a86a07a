import { describe, expect, test } from 'vitest';

import { aiff, be16, be32, chunk, comm, ssnd } from './big-endian.ts';
import { ascii, bytes } from './wav-file.ts';
import { openReader, readAll, readWhole, refusalOf } from './wav-reading.ts';

const container = 'aiff';

function samplesOf(file: Uint8Array): number[] {
  return [...readWhole(file, { container })];
}

describe('an AIFF file', () => {
  test.each([
    ['8 bits, which are signed', 8, [0x80, 0x00, 0x40], [-1, 0, 0.5]],
    ['12 bits at the top of two bytes', 12, [0x80, 0x00, 0x40, 0x00], [-1, 0.5]],
    ['16 bits', 16, [0x80, 0x00, 0x7f, 0xff], [-1, 32_767 / 32_768]],
    ['24 bits', 24, [0x80, 0, 0, 0x40, 0, 0], [-1, 0.5]],
    ['32 bits', 32, [0x80, 0, 0, 0, 0x40, 0, 0, 0], [-1, 0.5]],
  ])('of %s is read', (_, bits, content, expected) => {
    expect(samplesOf(aiff([comm({ bits }), ssnd(Uint8Array.from(content))]))).toEqual(expected);
  });

  test.each([
    ['NONE', 16, [0x40, 0], 0.5],
    ['twos', 16, [0x40, 0], 0.5],
    ['sowt', 16, [0, 0x40], 0.5],
    ['sowt', 24, [0, 0, 0x40], 0.5],
    ['raw ', 8, [0xc0], 0.5],
    ['in24', 24, [0x40, 0, 0], 0.5],
    ['42ni', 24, [0, 0, 0x40], 0.5],
    ['in32', 32, [0x40, 0, 0, 0], 0.5],
    ['23ni', 32, [0, 0, 0, 0x40], 0.5],
    ['fl32', 32, [0x3f, 0, 0, 0], 0.5],
    ['FL64', 64, [0x3f, 0xe0, 0, 0, 0, 0, 0, 0], 0.5],
    ['ulaw', 16, [0x00], -32_124 / 32_768],
    ['ALAW', 16, [0x2a], -32_256 / 32_768],
  ])('of AIFC as %s is read', (codec, bits, content, expected) => {
    expect(samplesOf(aiff([comm({ bits, codec }), ssnd(Uint8Array.from(content))], 'AIFC'))).toEqual([expected]);
  });

  test('may hold chunks before, between and after, and samples that start later than their chunk', () => {
    const name = chunk('NAME', ascii('odd'));
    const file = aiff([
      name,
      comm(),
      name,
      ssnd(be16(0x4000), { offset: 6 }),
      name,
      chunk('MARK', new Uint8Array(5000).fill(9)),
    ]);
    expect(samplesOf(file)).toEqual([0.5]);
  });

  test('of odd length has a byte of padding that is not heard', () => {
    expect(
      samplesOf(aiff([comm({ bits: 8 }), ssnd(Uint8Array.of(64, 64, 64)), chunk('ANNO', ascii('x'))])),
    ).toHaveLength(3);
  });

  test('has any rate that 80 bits can say', () => {
    const rate = bytes(be16(0x400e, 0xac44), new Uint8Array(6));
    const file = aiff([chunk('COMM', bytes(be16(1), be32(1), be16(16), rate)), ssnd(be16(0))]);
    const reader = openReader({ container });
    reader.push(file);
    expect(reader.format()).toEqual({ sampleRate: 44_100, channelCount: 1, encoding: 's16be' });
  });

  test('of a writer that could not go back is read to its end', () => {
    const samples = be16(0x4000, 0x2000);
    for (const [frames, size, formSize] of [
      [0, 0, 0],
      [0, 8, 0],
      [0, 0xffff_ffff, 0xffff_ffff],
      [0x7f00_0000, 0x7fff_ffff, 0x7fff_ffff],
    ] as const) {
      expect(samplesOf(aiff([comm({ frames }), ssnd(samples, { size })], 'AIFF', formSize))).toEqual([0.5, 0.25]);
    }
  });

  test('of which only the count of frames was written is as long as that', () => {
    const file = aiff([comm({ frames: 1 }), ssnd(be16(0x4000, 0x2000), { size: 0 })], 'AIFF', 0);
    expect(samplesOf(file)).toEqual([0.5]);
  });

  test('without samples is empty', () => {
    expect(samplesOf(aiff([comm(), ssnd(new Uint8Array(0))]))).toEqual([]);
    expect(samplesOf(aiff([comm(), ssnd(new Uint8Array(0)), chunk('ANNO', ascii('x'))]))).toEqual([]);
  });

  test('that is cut short gives what there is and tells of it', () => {
    const { samples, damage } = readAll([aiff([comm(), ssnd(be16(0x4000), { size: 12 })])], { container });
    expect([...samples]).toEqual([0.5]);
    expect(damage).toMatchObject({
      code: 'aiff/truncated',
      message: 'Expected 4 bytes of samples at byte 54, got 2: the samples end at byte 56',
    });
  });

  test.each([
    ['another form', aiff([], '8SVX'), 'aiff/not-aiff', 'got `FORM` and `8SVX`'],
    ['samples before their format', aiff([ssnd(be16(1)), comm()]), 'aiff/no-format', 'got `SSND` at byte 12'],
    ['a short format', aiff([chunk('COMM', be16(1, 2))]), 'aiff/format', 'at least 18 bytes of `COMM`, got 4'],
    ['no channel', aiff([comm({ channels: 0 })]), 'aiff/format', 'at least one channel, got 0'],
    ['no bits', aiff([comm({ bits: 0 })]), 'aiff/format', '1..32 bits of an integer, got 0'],
    ['two channels of GSM', aiff([comm({ channels: 2, codec: 'GSM ' })], 'AIFC'), 'aiff/format', 'one channel of GSM'],
    ['MACE', aiff([comm({ codec: 'MAC3' })], 'AIFC'), 'aiff/unsupported', 'got MACE 3:1 (`MAC3`) at byte 38'],
    ['an unknown codec', aiff([comm({ codec: 'zzzz' })], 'AIFC'), 'aiff/unsupported', 'ffmpeg -i X -f wav - | hearken'],
    [
      'an end before its samples',
      aiff([comm()]),
      'aiff/truncated',
      'a chunk header (no samples yet) at byte 38, got 0',
    ],
  ])('is refused by what is wrong: %s', (_, file, code, message) => {
    const refusal = refusalOf(() => readWhole(file, { container }));
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(message);
  });
});
