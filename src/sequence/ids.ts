/** What goes into a model of sequences as ids, and how much may come out. */
import { wrongType } from '../arguments.ts';
import { HearkenError } from '../errors.ts';
import type { SequenceEngine } from './engine.ts';
import { type Picture, pixelsOf } from './picture.ts';

/** What a model of sequences takes in: a text, ids of symbols, or an image. */
export type SequenceInput = string | Int32Array | Picture;

/** Ids of symbols, or the numbers of an image's pixels. */
export type Sequence = Int32Array | Float32Array;

/** What `engine` takes in of `input`. Throws as `idsOf`, or `sequence/image`. */
export function sequenceOf(engine: SequenceEngine, input: SequenceInput): Sequence {
  const { source } = engine.config;
  return source.kind === 'image' ? pixelsOf(source, input) : idsOf(engine, input);
}

/** Vectors that `engine` makes of a sequence: one a symbol, or one a part of the image. */
export function vectorCount({ grid }: SequenceEngine, { length }: Sequence): number {
  return grid === undefined ? length : grid.rows * grid.columns;
}

/** The ids of an input's symbols, `before` of which came before it. Throws `symbols/unknown`, `sequence/empty`, or `sequence/image` where images come in. */
export function idsOf(
  { input: codec }: Pick<SequenceEngine, 'input'>,
  input: SequenceInput,
  before: number = 0,
): Int32Array {
  if (typeof input !== 'string' && !(input instanceof Int32Array)) {
    throw wrongType('input', 'a text or ids (Int32Array)', input);
  }
  if (codec === undefined) throw new HearkenError('sequence/image', 'Expected an image, got symbols');
  const ids = typeof input === 'string' ? codec.encode(input) : input;
  if (ids.length === 0) throw new HearkenError('sequence/empty', 'Expected an input of 1 symbol or more, got none');
  const wrong = ids.findIndex((id) => id < 0 || id >= codec.count);
  if (wrong < 0) return ids;
  throw new HearkenError(
    'symbols/unknown',
    `Expected ids in 0..${codec.count - 1}, got '${ids[wrong]}' as symbol ${before + wrong + 1}`,
  );
}

/** Output symbols at the most, unless told. */
export function longestOutput(inputCount: number): number {
  return Math.min(100_000, 32 + 16 * inputCount);
}
