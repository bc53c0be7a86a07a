/**
 * Scenes of handwritten digits, and what is said of them. A scene of 64 x 64 pixels has 2 to 5 digits, whose longer side is 16 to 20 pixels, and 4 pieces
 * of strokes of 6 x 6 that are no digits. No two of these overlap.
 *
 * The caption goes from left to right by the centres of the digits, and between two names says where the former stands, seen from the latter: `above` or
 * `below` where the centres are farther apart in rows than in columns, else `left`.
 *
 *     three above seven left nine        3 stands above 7, and 7 left of 9
 *
 * So that the rule is never in doubt, centres are 3 columns apart or more, and of two neighbors the distances in rows and columns differ by 3 or more.
 */
import { integerBetween, pick, randomFor } from '../../corpora/draw.ts';
import type { Random } from '../../src/tensor/random.ts';
import { type ImageExample, type ImageSplit, mnistImages } from '../long-range/sequential-mnist/images.ts';

export const SIDE = 64;
export const FEWEST = 2;
export const MOST = 5;
const SMALLEST = 16;
const LARGEST = 20;
const PIECES = 4;
const PIECE = 6;
const CLEAR = 3;
/** Side of an image of the set. */
const SOURCE = 28;
/** Brightness from which a pixel is ink. */
const INK = 0.2;

const NAMES = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'] as const;
/** All words of captions. */
export const WORDS: readonly string[] = [...NAMES, 'above', 'below', 'left'];

/** Rows and columns that a digit takes up, from the first to before the last. */
export type Box = { readonly top: number; readonly left: number; readonly height: number; readonly width: number };

export type Scene = {
  /** `[64, 64]`, row by row, 0 to 1. */ readonly pixels: readonly number[];
  readonly caption: string;
  /** The digits' boxes, in the order in which the caption names them. */ readonly boxes: readonly Box[];
};

type Patch = { readonly height: number; readonly width: number; readonly pixels: readonly number[] };

/** Scene `index` of a part of the images, with so many digits; always the same. */
export function sceneOf(part: keyof ImageSplit, seed: number, index: number, digits: number): Scene {
  const random = randomFor(seed, PARTS.indexOf(part), index, digits);
  const images = mnistImages()[part];
  const drawn = Array.from({ length: digits }, () => pick(random, images));
  const patches = drawn.map((image) => resized(inkOf(image), integerBetween(random, SMALLEST, LARGEST)));
  const boxes = placed(random, patches);
  const canvas = new Array<number>(SIDE * SIDE).fill(0);
  for (const [digit, patch] of patches.entries()) paint(canvas, patch, boxes[digit]!);
  addPieces(random, images, canvas, boxes);
  const order = [...boxes.keys()].toSorted((a, b) => centerOf(boxes[a]!).column - centerOf(boxes[b]!).column);
  const ordered = order.map((digit) => boxes[digit]!);
  const names = order.map((digit) => NAMES[Number(drawn[digit]!.label)]!);
  const caption = names.flatMap((name, place) =>
    place === 0 ? [name] : [relation(ordered[place - 1]!, ordered[place]!)!, name],
  );
  return { pixels: canvas, caption: caption.join(' '), boxes: ordered };
}

const PARTS: readonly (keyof ImageSplit)[] = ['training', 'validation', 'test'];

function centerOf({ top, left, height, width }: Box): { readonly row: number; readonly column: number } {
  return { row: top + height / 2, column: left + width / 2 };
}

/** Where `former` stands, seen from `latter`, which is further right; nothing where that is in doubt. */
function relation(former: Box, latter: Box): string | undefined {
  const [a, b] = [centerOf(former), centerOf(latter)];
  const [down, right] = [b.row - a.row, b.column - a.column];
  if (right < CLEAR || Math.abs(Math.abs(down) - right) < CLEAR) return undefined;
  if (Math.abs(down) < right) return 'left';
  return down > 0 ? 'above' : 'below';
}

/** Places for all patches at which nothing overlaps, and every relation is clear. */
function placed(random: Random, patches: readonly Patch[]): Box[] {
  for (;;) {
    const boxes: Box[] = [];
    for (const { height, width } of patches) {
      const box = freePlace(random, boxes, height, width);
      if (box === undefined) break;
      boxes.push(box);
    }
    if (boxes.length < patches.length) continue;
    const order = boxes.toSorted((a, b) => centerOf(a).column - centerOf(b).column);
    const isClear = order.every((box, place) => place === 0 || relation(order[place - 1]!, box) !== undefined);
    if (isClear) return boxes;
  }
}

const TRIES = 30;

function freePlace(random: Random, taken: readonly Box[], height: number, width: number): Box | undefined {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const box = { top: random.integer(SIDE - height + 1), left: random.integer(SIDE - width + 1), height, width };
    if (!taken.some((other) => overlap(box, other))) return box;
  }
  return undefined;
}

function overlap(a: Box, b: Box): boolean {
  const isApart =
    a.top + a.height <= b.top || b.top + b.height <= a.top || a.left + a.width <= b.left || b.left + b.width <= a.left;
  return !isApart;
}

/** Pieces of strokes, where there is room left. */
function addPieces(random: Random, images: readonly ImageExample[], canvas: number[], boxes: readonly Box[]): void {
  const taken = [...boxes];
  for (let piece = 0; piece < PIECES; piece++) {
    const box = freePlace(random, taken, PIECE, PIECE);
    const from = pick(random, images).input;
    const [top, left] = [integerBetween(random, 8, 14), integerBetween(random, 8, 14)];
    if (box === undefined) continue;
    const pixels = Array.from(
      { length: PIECE * PIECE },
      (_, at) => from[(top + Math.floor(at / PIECE)) * SOURCE + left + (at % PIECE)]!,
    );
    paint(canvas, { height: PIECE, width: PIECE, pixels }, box);
    taken.push(box);
  }
}

function paint(canvas: number[], { height, width, pixels }: Patch, { top, left }: Box): void {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      canvas[(top + row) * SIDE + left + column] = pixels[row * width + column]!;
    }
  }
}

/** The smallest rectangle of an image that holds all of its ink. */
function inkOf({ input }: ImageExample): Patch {
  let [top, bottom, left, right] = [SOURCE, 0, SOURCE, 0];
  for (const [place, brightness] of input.entries()) {
    if (brightness < INK) continue;
    const [row, column] = [Math.floor(place / SOURCE), place % SOURCE];
    [top, bottom, left, right] = [
      Math.min(top, row),
      Math.max(bottom, row),
      Math.min(left, column),
      Math.max(right, column),
    ];
  }
  const [height, width] = [bottom - top + 1, right - left + 1];
  const pixels = Array.from(
    { length: height * width },
    (_, at) => input[(top + Math.floor(at / width)) * SOURCE + left + (at % width)]!,
  );
  return { height, width, pixels };
}

/** A patch whose longer side is `size`, by bilinear interpolation. */
function resized({ height, width, pixels }: Patch, size: number): Patch {
  const scale = size / Math.max(height, width);
  const [rows, columns] = [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
  const at = (row: number, column: number): number =>
    pixels[Math.min(height - 1, Math.max(0, row)) * width + Math.min(width - 1, Math.max(0, column))]!;
  const made = Array.from({ length: rows * columns }, (_, place) => {
    const y = ((Math.floor(place / columns) + 0.5) * height) / rows - 0.5;
    const x = (((place % columns) + 0.5) * width) / columns - 0.5;
    const [row, column] = [Math.floor(y), Math.floor(x)];
    const [down, right] = [y - row, x - column];
    return (
      (1 - down) * ((1 - right) * at(row, column) + right * at(row, column + 1)) +
      down * ((1 - right) * at(row + 1, column) + right * at(row + 1, column + 1))
    );
  });
  return { height: rows, width: columns, pixels: made };
}
