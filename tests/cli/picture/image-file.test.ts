import { PNG } from 'pngjs';
import jpeg from 'jpeg-js';
import { describe, expect, test } from 'vitest';

import { fitted, readImage } from '../../../cli/picture/image-file.ts';

/** Red, green, blue and opacity of a gray pixel. */
const gray = (level: number, opacity = 255): number[] => [level, level, level, opacity];
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.codePointAt(0)!);

function pngOf(pixels: readonly number[][], width: number): Uint8Array {
  const png = new PNG({ width, height: pixels.length / width });
  png.data.set(pixels.flat());
  return PNG.sync.write(png);
}

describe('an image file', () => {
  test('in PNG is read as brightness, over black where it is transparent', () => {
    const file = pngOf([gray(0), gray(255), gray(255, 51), [255, 0, 0, 255]], 2);
    const { height, width, pixels } = readImage(file);
    expect([height, width]).toEqual([2, 2]);
    for (const [index, level] of [0, 1, 0.2, 0.299].entries()) expect(pixels[index]).toBeCloseTo(level, 5);
  });

  test('in JPEG is read as brightness', () => {
    const data = Buffer.from(Array.from({ length: 64 * 32 }, (_, place) => gray(place % 64 < 32 ? 40 : 220)).flat());
    const { height, width, pixels } = readImage(jpeg.encode({ width: 64, height: 32, data }, 95).data);
    expect([height, width]).toEqual([32, 64]);
    expect(pixels[5]).toBeCloseTo(40 / 255, 1);
    expect(pixels[60]).toBeCloseTo(220 / 255, 1);
  });

  test.each<[string, Uint8Array]>([
    ['plain PGM', bytesOf('P2 # said\n2 2\n# so\n4\n0 1\n2 4\n')],
    ['raw PGM', Uint8Array.of(...bytesOf('P5\n2 2\n4\n'), 0, 1, 2, 4)],
    ['raw PGM of two bytes', Uint8Array.of(...bytesOf('P5 2 2 1024\n'), 0, 0, 1, 0, 2, 0, 4, 0)],
  ])('in %s is read as brightness', (_format, bytes) => {
    expect([...readImage(bytes).pixels]).toEqual([0, 0.25, 0.5, 1]);
  });

  test.each([
    ['GIF', 'GIF89a...'],
    ['BMP', 'BM....'],
    ['WebP', 'RIFF....WEBPVP8 '],
    ['TIFF', 'II*\0....'],
    ['AVIF', '....ftypavif'],
    ['PPM', 'P6\n1 1\n255\nxyz'],
    ['another format', 'hello'],
    ['an empty file', ''],
  ])('in %s is named and refused', (name, text) => {
    expect(() => readImage(bytesOf(text))).toThrow(
      expect.objectContaining({ code: 'image/format', message: `Expected an image in PNG, JPEG or PGM, got ${name}` }),
    );
  });

  test.each<[string, Uint8Array]>([
    ['a PNG without its end', pngOf([gray(7)], 1).slice(0, 40)],
    ['a PNG of its signature', bytesOf('\x89PNG\r\n\x1a\n')],
    ['a JPEG of nothing', bytesOf('\xff\xd8\xff')],
    ['a PGM of too few pixels', bytesOf('P5\n9 9\n255\nabc')],
    ['a PGM of pixels beyond its maximum', bytesOf('P2 1 1 7 8')],
    ['a PGM without a size', bytesOf('P5 x')],
    ['a PGM of nothing', bytesOf('P2 0 1 255')],
    ['a PGM of too many pixels', bytesOf('P5 99999 99999 255\n')],
  ])('that is damaged is refused: %s', (_what, bytes) => {
    expect(() => readImage(bytes)).toThrow(expect.objectContaining({ code: 'image/damaged' }));
  });

  test('that says it is huge is refused before it is decoded', () => {
    const file = pngOf([gray(7)], 1);
    new DataView(file.buffer, file.byteOffset).setUint32(16, 100_000);
    new DataView(file.buffer, file.byteOffset).setUint32(20, 100_000);
    expect(() => readImage(file)).toThrow('16777216 pixels at the most, got 100000 x 100000');
  });
});

describe('an image that is fitted', () => {
  const image = { height: 2, width: 4, pixels: Float32Array.of(0, 1, 0.5, 0.5, 1, 0, 0.5, 0.5) };

  test('has the means of what its pixels cover, in the middle of black', () => {
    expect(fitted(image, 3, 2)).toEqual({ height: 3, width: 2, pixels: Float32Array.of(0, 0, 0.5, 0.5, 0, 0) });
  });

  test('keeps its mean where it becomes larger', () => {
    const larger = fitted(image, 5, 10);
    expect(larger.pixels.reduce((sum, pixel) => sum + pixel, 0) / 50).toBeCloseTo(0.5, 5);
  });

  test('of the size itself stays as it is', () => {
    expect(fitted(image, 2, 4)).toBe(image);
  });
});
