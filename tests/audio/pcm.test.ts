import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createPcmDecoder, decodePcm } from '../../src/audio/pcm.ts';
import { SAMPLE_ENCODINGS, type SampleEncoding } from '../../src/audio/sample-encoding.ts';
import { cut, cutsArbitrary, expectSameBits, join } from './chunking.ts';

async function collect(pieces: AsyncIterable<Float32Array>): Promise<Float32Array> {
  const collected: Float32Array[] = [];
  for await (const piece of pieces) collected.push(piece);
  return join(collected);
}

describe('raw samples', () => {
  test.each<[SampleEncoding, number[], number[]]>([
    ['u8', [0, 128, 255], [-1, 0, 127 / 128]],
    ['s8', [128, 0, 127], [-1, 0, 127 / 128]],
    ['s16be', [128, 0, 127, 255], [-1, 32_767 / 32_768]],
    ['s24be', [128, 0, 0, 64, 0, 0], [-1, 0.5]],
    ['s32be', [128, 0, 0, 0, 64, 0, 0, 0], [-1, 0.5]],
    ['f32be', [191, 128, 0, 0], [-1]],
    ['f64be', [191, 240, 0, 0, 0, 0, 0, 0], [-1]],
    ['s16le', [0, 128, 255, 127], [-1, 32_767 / 32_768]],
    ['s24le', [0, 0, 128, 0, 0, 64], [-1, 0.5]],
    ['s32le', [0, 0, 0, 128, 0, 0, 0, 64], [-1, 0.5]],
    ['f32le', [0, 0, 128, 191], [-1]],
    ['f64le', [0, 0, 0, 0, 0, 0, 240, 191], [-1]],
    ['alaw', [0x2a, 0xd5], [-32_256 / 32_768, 8 / 32_768]],
    ['mulaw', [0x00, 0xff], [-32_124 / 32_768, 0]],
  ])('of %s are read', async (encoding, bytes, samples) => {
    expect([...(await collect(decodePcm([Uint8Array.from(bytes)], { encoding })))]).toEqual(samples);
  });

  test('do not depend on how the bytes were cut', () => {
    const property = fc.property(
      fc.constantFrom<SampleEncoding>('u8', 's16le', 's24le', 's32le', 'alaw', 'mulaw'),
      fc.integer({ min: 1, max: 5 }),
      fc.uint8Array({ maxLength: 150 }),
      cutsArbitrary,
      (encoding, channelCount, bytes, cuts) => {
        const decoder = createPcmDecoder({ encoding, channelCount });
        const pieces = cut(bytes, cuts).map(decoder.push);
        expectSameBits(join(pieces), createPcmDecoder({ encoding, channelCount }).push(bytes));
      },
    );
    fc.assert(property);
  });

  test('may start anywhere in their memory', () => {
    const shifted = Uint8Array.of(9, 0, 64).subarray(1);
    expect([...createPcmDecoder({ encoding: 's16le' }).push(shifted)]).toEqual([0.5]);
  });

  test('that end inside a sample are refused after the whole ones', async () => {
    const pieces = decodePcm([Uint8Array.of(0, 64, 0)], { encoding: 's16le' });
    expect((await pieces.next()).value).toEqual(Float32Array.of(0.5));
    await expect(pieces.next()).rejects.toMatchObject({ code: 'pcm/truncated' });
  });

  test('that are no numbers are refused by their byte, also when it came in pieces', () => {
    const decoder = createPcmDecoder({ encoding: 'f32le', byteOffset: 100 });
    expect(decoder.push(Uint8Array.of(0, 0, 128, 63, 0, 0)).length).toBe(1);
    expect(() => decoder.push(Uint8Array.of(192, 127))).toThrow('got NaN at byte 104');
  });

  test('of unknown encoding or channel are refused', () => {
    const encoding = 's12le' as SampleEncoding;
    expect(() => createPcmDecoder({ encoding })).toThrow(`one of ${SAMPLE_ENCODINGS.join(', ')}, got s12le`);
    expect(() => createPcmDecoder({ encoding: 'u8', channel: 1 })).toThrow('Expected `channel`');
    expect(() => createPcmDecoder({ encoding: 'u8', channelCount: 0 })).toThrow('Expected `channelCount`');
  });
});
