/** Image files as brightness: PNG, JPEG and PGM; other formats are told by their first bytes, and refused by name. */
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';

import { HearkenError } from '../../src/errors.ts';
import { type GrayImage, readPgm } from './pgm.ts';

/** Pixels of an image at the most. */
const MOST_PIXELS = 2 ** 24;
/** What the decoder of JPEG may take for it. */
const MOST_MEGABYTES = 512;

type Reader = (bytes: Uint8Array) => GrayImage;

/** Formats by how their files begin, after `at` bytes; without a reader they are known, and refused. */
const FORMATS: readonly {
  readonly name: string;
  readonly begins: string;
  readonly at?: number;
  readonly read?: Reader;
}[] = [
  { name: 'PNG', begins: '\x89PNG\r\n\x1a\n', read: readPng },
  { name: 'JPEG', begins: '\xff\xd8\xff', read: readJpeg },
  { name: 'PGM', begins: 'P2', read: (bytes) => readPgm(bytes, MOST_PIXELS) },
  { name: 'PGM', begins: 'P5', read: (bytes) => readPgm(bytes, MOST_PIXELS) },
  { name: 'PBM', begins: 'P1' },
  { name: 'PBM', begins: 'P4' },
  { name: 'PPM', begins: 'P3' },
  { name: 'PPM', begins: 'P6' },
  { name: 'GIF', begins: 'GIF8' },
  { name: 'BMP', begins: 'BM' },
  { name: 'TIFF', begins: 'II*\0' },
  { name: 'TIFF', begins: 'MM\0*' },
  { name: 'WebP', begins: 'WEBP', at: 8 },
  { name: 'AVIF', begins: 'ftypavif', at: 4 },
  { name: 'HEIC', begins: 'ftyphei', at: 4 },
  { name: 'JPEG XL', begins: '\xff\x0a' },
  { name: 'JPEG 2000', begins: 'jP  ', at: 4 },
  { name: 'SVG', begins: '<svg' },
  { name: 'PDF', begins: '%PDF' },
];

/**
 * What an image file shows, as brightness: of colors that of Rec. 601, of what lies behind transparency black. Throws `image/format` on what is none of PNG, JPEG
 * and PGM, and `image/damaged` on what cannot be decoded or has more than 2^24 pixels.
 */
export function readImage(bytes: Uint8Array): GrayImage {
  const format = FORMATS.find(({ begins, at = 0 }) =>
    Array.from(begins).every((character, index) => bytes[at + index] === character.codePointAt(0)),
  );
  if (format?.read === undefined) {
    const got = format?.name ?? (bytes.length === 0 ? 'an empty file' : 'another format');
    throw new HearkenError('image/format', `Expected an image in PNG, JPEG or PGM, got ${got}`);
  }
  try {
    return format.read(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new HearkenError(
      'image/damaged',
      `Expected a whole ${format.name}, got one that cannot be decoded: ${reason}`,
      {
        cause: error,
      },
    );
  }
}

function readPng(bytes: Uint8Array): GrayImage {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [width, height] = [header.getUint32(16), header.getUint32(20)]; // before anything is inflated
  if (width * height > MOST_PIXELS)
    throw new Error(`Expected ${MOST_PIXELS} pixels at the most, got ${width} x ${height}`);
  return grayOf(PNG.sync.read(Buffer.from(bytes)));
}

function readJpeg(bytes: Uint8Array): GrayImage {
  const limits = { maxResolutionInMP: MOST_PIXELS / 1e6, maxMemoryUsageInMB: MOST_MEGABYTES, tolerantDecoding: false };
  return grayOf(jpeg.decode(bytes, { useTArray: true, ...limits }));
}

/** Of red, green, blue and opacity, 0 to 255 each. */
function grayOf(image: { readonly width: number; readonly height: number; readonly data: Uint8Array }): GrayImage {
  const { width, height, data } = image;
  const pixels = Float32Array.from({ length: width * height }, (_, index) => {
    const [red, green, blue, opacity] = data.subarray(4 * index, 4 * index + 4) as unknown as [
      number,
      number,
      number,
      number,
    ];
    return ((0.299 * red + 0.587 * green + 0.114 * blue) / 255) * (opacity / 255);
  });
  return { height, width, pixels };
}

/** An image in `height` x `width` pixels: as large as it fits in without another shape, in the middle of black; each pixel the mean of what it covers. */
export function fitted(image: GrayImage, height: number, width: number): GrayImage {
  if (image.height === height && image.width === width) return image;
  const scale = Math.min(height / image.height, width / image.width);
  const rows = Math.max(1, Math.round(image.height * scale));
  const columns = Math.max(1, Math.round(image.width * scale));
  const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
  const down = coverage(image.height, rows);
  const across = coverage(image.width, columns);
  const pixels = new Float32Array(height * width);
  for (const [row, covered] of down.entries()) {
    for (const [column, beside] of across.entries()) {
      let sum = 0;
      for (const [y, part] of covered) {
        for (const [x, share] of beside) sum += part * share * image.pixels[y * image.width + x]!;
      }
      pixels[(top + row) * width + left + column] = sum;
    }
  }
  return { height, width, pixels };
}

/** Of each of `to` pixels in a line, which of `from` it covers, and the share of each, whose sum is 1. */
function coverage(from: number, to: number): (readonly [pixel: number, share: number])[][] {
  const size = from / to;
  return Array.from({ length: to }, (_, index) => {
    const [start, end] = [index * size, Math.min(from, (index + 1) * size)];
    const parts: (readonly [number, number])[] = [];
    for (let pixel = Math.floor(start); pixel < end; pixel++) {
      const covered = Math.min(end, pixel + 1) - Math.max(start, pixel);
      if (covered > 0) parts.push([pixel, covered / (end - start)]);
    }
    return parts;
  });
}
