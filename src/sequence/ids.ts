/** What goes into a model of sequences as ids, and how much may come out. */
import { wrongType } from '../arguments.ts';
import { HearkenError } from '../errors.ts';
import type { SequenceEngine } from './engine.ts';

/** The ids of an input's symbols, `before` of which came before it. Throws `symbols/unknown`, or `sequence/empty`. */
export function idsOf(
  { input: codec }: Pick<SequenceEngine, 'input'>,
  input: string | Int32Array,
  before: number = 0,
): Int32Array {
  if (typeof input !== 'string' && !(input instanceof Int32Array)) {
    throw wrongType('input', 'a text or ids (Int32Array)', input);
  }
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
