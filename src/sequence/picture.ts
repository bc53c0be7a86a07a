/** Images as a model takes them in, and what is left of the symbols where an image is the input. */
import { HearkenError } from '../errors.ts';
import type { ImageSource } from '../model/source.ts';

/** An image. */
export type Picture = {
  readonly height: number;
  readonly width: number;
  /** Numbers of each pixel: 1 of grey, 3 of red, green and blue. */ readonly channels: number;
  /** `[height, width, channels]`, row by row: 0 is black, 1 is full. */ readonly pixels: Float32Array;
};

/** The pixels of `given`. Throws `sequence/image` unless it is an image of the source's size, of finite numbers. */
export function pixelsOf({ height, width, channels }: ImageSource, given: unknown): Float32Array {
  const expected = `Expected an image of ${height} x ${width} pixels and ${channels} channels`;
  if (!isPicture(given)) throw new HearkenError('sequence/image', `${expected}, got ${nameOf(given)}`);
  const { pixels } = given;
  if (given.height !== height || given.width !== width || given.channels !== channels) {
    throw new HearkenError('sequence/image', `${expected}, got ${given.height} x ${given.width} and ${given.channels}`);
  }
  if (pixels.length !== height * width * channels) {
    throw new HearkenError('sequence/image', `${expected}, got ${pixels.length} numbers`);
  }
  const wrong = pixels.findIndex((pixel) => !Number.isFinite(pixel));
  if (wrong >= 0) throw new HearkenError('sequence/image', `${expected}, got ${pixels[wrong]} as number ${wrong + 1}`);
  return pixels;
}

function isPicture(given: unknown): given is Picture {
  return typeof given === 'object' && given !== null && 'pixels' in given && given.pixels instanceof Float32Array;
}

function nameOf(given: unknown): string {
  if (typeof given === 'string') return 'a text';
  return given instanceof Int32Array ? 'ids' : 'something else';
}
