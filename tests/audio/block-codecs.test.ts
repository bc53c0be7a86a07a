import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

import { aiff, comm, ssnd } from './big-endian.ts';
import { cut, cutsArbitrary, expectSameBits } from './chunking.ts';
import { bytes, type Chunk, fmt, riff, u16, u32 } from './wav-file.ts';
import { readAll, readWhole, refusalOf } from './wav-reading.ts';

type Format = { tag: number; channelCount?: number; blockBytes: number; extra?: readonly number[]; bits?: number };

/** A `fmt ` chunk of ADPCM: `extra` are 16-bit numbers after the size of the extension. */
function adpcm({ tag, channelCount = 1, blockBytes, extra = [], bits = 4 }: Format): Chunk {
  const { content } = fmt({ tag, channelCount, bits, blockBytes });
  return { name: 'fmt ', content: bytes(content, u16(2 * extra.length, ...extra)) };
}

function data(...values: readonly number[]): Chunk {
  return { name: 'data', content: Uint8Array.from(values) };
}

function fact(frames: number): Chunk {
  return { name: 'fact', content: u32(frames) };
}

function valuesOf(file: Uint8Array, channel: 'all' | 'mix' = 'all'): number[] {
  const { samples, damage } = readAll([file], { channel });
  if (damage !== undefined) throw damage;
  return [...samples].map((sample) => sample * 32_768);
}

describe('IMA ADPCM', () => {
  const one = adpcm({ tag: 0x11, blockBytes: 6, extra: [5] });

  test('adds shares of a step that grows with the codes, the lower four bits first', () => {
    expect(valuesOf(riff([one, data(100, 0, 0, 0, 0xf4, 0x08)]))).toEqual([100, 107, 91, 89, 91]);
  });

  test('stays within 16 bits', () => {
    expect(valuesOf(riff([one, data(0xff, 0x7f, 88, 0, 0x77, 0xff)])).slice(0, 3)).toEqual([32_767, 32_767, 32_767]);
  });

  test('of two channels has four bytes of each in turn', () => {
    const format = adpcm({ tag: 0x11, channelCount: 2, blockBytes: 16, extra: [9] });
    const file = riff([format, data(100, 0, 0, 0, 0xce, 0xff, 0, 0, 4, 0, 0, 0, 0xc, 0, 0, 0)]);
    expect(valuesOf(file).slice(0, 4)).toEqual([100, -50, 107, -57]);
    expect(valuesOf(file)).toHaveLength(18);
    expect(valuesOf(file, 'mix').slice(0, 2)).toEqual([25, 25]);
  });

  test('of a last block that is not full gives what that holds', () => {
    const block = [100, 0, 0, 0, 0xf4, 0x08];
    expect(valuesOf(riff([one, data(...block, ...block.slice(0, 5))]))).toEqual([100, 107, 91, 89, 91, 100, 107, 91]);
    expect(valuesOf(riff([one, data(...block, 1, 2, 3)]))).toHaveLength(5);
    const stereo = adpcm({ tag: 0x11, channelCount: 2, blockBytes: 24 });
    expect(valuesOf(riff([stereo, data(...new Array<number>(19).fill(0))]))).toHaveLength(18);
  });

  test('ends where the `fact` chunk says, if that is in the last block', () => {
    const block = [100, 0, 0, 0, 0xf4, 0x08];
    for (const [frames, expected] of [
      [7, 7],
      [10, 10],
      [5, 10],
      [11, 10],
      [0, 10],
    ] as const) {
      expect(valuesOf(riff([one, fact(frames), data(...block, ...block)]))).toHaveLength(expected);
    }
  });

  test('cut short gives what there is and tells of it', () => {
    const { samples, damage } = readAll([riff([one, { ...data(100, 0, 0, 0, 0xf4, 0), size: 12 }]).slice(0, -1)]);
    expect([...samples].map((sample) => sample * 32_768)).toEqual([100, 107, 91]);
    expect(damage).toMatchObject({ code: 'wav/truncated' });
  });

  test('with a step that there is not gives the blocks before and tells of it', () => {
    const { samples, damage } = readAll([riff([one, data(100, 0, 0, 0, 0xf4, 0x08, 1, 0, 89, 0, 0, 0)])]);
    expect(samples).toHaveLength(5);
    expect(damage).toMatchObject({
      code: 'audio/damaged-block',
      message: 'Expected an IMA ADPCM step in 0..88, got 89, in the block at byte 54',
    });
  });
});

describe('Microsoft ADPCM', () => {
  const one = adpcm({
    tag: 2,
    blockBytes: 8,
    extra: [4, 7, 256, 0, 512, -256, 0, 0, 192, 64, 240, 0, 460, -208, 392, -232],
  });

  test('predicts from two values and adds steps, the upper four bits first', () => {
    expect(valuesOf(riff([one, data(0, 16, 0, 50, 0, 30, 0, 0x1f)]))).toEqual([30, 50, 66, 50]);
    expect(valuesOf(riff([one, data(1, 16, 0, 50, 0, 30, 0, 0x10)]))).toEqual([30, 50, 86, 122]);
  });

  test('of two channels has four bits of each in turn', () => {
    const format = adpcm({ tag: 2, channelCount: 2, blockBytes: 15 });
    const file = riff([format, data(0, 0, 16, 0, 16, 0, 50, 0, 0xce, 0xff, 30, 0, 0xe2, 0xff, 0x1f)]);
    expect(valuesOf(file)).toEqual([30, -30, 50, -50, 66, -66]);
  });

  test('with a predictor that there is not is told of', () => {
    const { damage } = readAll([riff([one, data(7, 16, 0, 50, 0, 30, 0, 0)])]);
    expect(damage?.message).toBe('Expected an MS ADPCM predictor in 0..6, got 7, in the block at byte 78');
  });
});

describe('a format of blocks', () => {
  test.each([
    ['a block too small', adpcm({ tag: 0x11, blockBytes: 3 }), 'a block of ADPCM for 1 channels, got 3'],
    ['no block', adpcm({ tag: 2, blockBytes: 0 }), 'a block of ADPCM for 1 channels, got 0'],
    ['frames that do not fit', adpcm({ tag: 0x11, blockBytes: 6, extra: [6] }), 'at most 5 frames in 6 bytes, got 6'],
    ['3 bits', adpcm({ tag: 0x11, blockBytes: 6, bits: 3 }), '4 bits of an ADPCM sample, got 3'],
    ['coefficients that are not there', adpcm({ tag: 2, blockBytes: 8, extra: [4, 9, 1] }), '9 pairs of coefficients'],
    ['GSM of two channels', adpcm({ tag: 0x31, channelCount: 2, blockBytes: 65 }), 'one channel of GSM 6.10, got 2'],
    ['GSM of 33 bytes', adpcm({ tag: 0x31, blockBytes: 33 }), '65 bytes of a GSM 6.10 block, got 33'],
  ])('is refused by what is wrong: %s', (_, format, message) => {
    const refusal = refusalOf(() => readWhole(riff([format, data()])));
    expect(refusal.code).toBe('wav/format');
    expect(refusal.message).toContain(message);
  });

  test('of RIFX is refused, for nobody says in which order its numbers are', () => {
    const content = adpcm({ tag: 0x11, blockBytes: 6 }).content;
    const swapped = Uint8Array.from(content, (_, index) => content[index ^ 1]!);
    const file = riff([{ name: 'fmt ', content: swapped }]);
    expect(refusalOf(() => readWhole(bigEndianSizes(file))).message).toContain(
      'compressed samples in big-endian `RIFX`',
    );
  });
});

/** The same file as RIFX, with one chunk. Rates, which stand in it crosswise, are still in range. */
function bigEndianSizes(file: Uint8Array): Uint8Array {
  const swapped = file.slice();
  swapped.set([0x52, 0x49, 0x46, 0x58]);
  for (const at of [4, 16]) swapped.set(file.slice(at, at + 4).toReversed(), at);
  swapped.set([0, 0, 0x1f, 0x40], 24);
  return swapped;
}

describe('GSM 6.10', () => {
  test('in AIFC that is no frame of it is told of', () => {
    const file = aiff([comm({ codec: 'GSM ', frames: 1 }), ssnd(new Uint8Array(33))], 'AIFC');
    const { damage } = readAll([file], { container: 'aiff' });
    expect(damage?.message).toContain('a GSM 6.10 frame that starts with 13, got 0');
  });

  test('of half a block gives its first frame', () => {
    const format = adpcm({ tag: 0x31, blockBytes: 65, extra: [320] });
    expect(valuesOf(riff([format, data(...new Array<number>(65 + 33).fill(0))]))).toHaveLength(480);
    expect(valuesOf(riff([format, data(...new Array<number>(65 + 32).fill(0))]))).toHaveLength(320);
  });
});

type Case = { readonly name: string; readonly container: 'wav' | 'aiff' | 'caf'; readonly file: string };
const golden = new URL('../golden/audio/block-codecs.json', import.meta.url);
const cases: readonly Case[] = JSON.parse(readFileSync(golden, 'utf8'));

describe('samples from blocks do not depend on how the bytes were cut', () => {
  test.each(cases)('$name', ({ file, container }) => {
    const whole = Buffer.from(file, 'base64');
    const { samples } = readAll([whole], { container });
    const property = fc.property(cutsArbitrary, (cuts) => {
      expectSameBits(readAll(cut(Uint8Array.from(whole), cuts), { container }).samples, samples);
    });
    fc.assert(property, { numRuns: 20 });
  });
});
