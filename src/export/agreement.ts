/** Holds an exported graph against the cell it was traced from. */
import { HearkenError } from '../errors.ts';
import type { Cell } from '../cell/cell.ts';
import type { TensorSpec } from '../cell/tensor-spec.ts';
import type { Executor } from '../cell/executor.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { Random } from '../tensor/random.ts';
import { sizeOf } from '../tensor/shape.ts';
import { lettersOf, sizesOf } from './axis-letters.ts';

/** Largest difference between an output of onnxruntime and one of tfjs, in the outputs' own unit. */
export const LARGEST_DIFFERENCE = 1e-4;

/** Sizes that a cell's axis letters take in turn, in order of appearance: alone, small and unequal, many. */
const TRIALS = [
  [1, 1, 1, 1, 1],
  [1, 7, 3, 2, 4],
  [3, 2, 5, 7, 1],
  [5, 16, 9, 1, 3],
  [16, 5, 40, 3, 2],
] as const;

/** Inputs that count vectors: never below 0. */
const COUNTS: ReadonlySet<string> = new Set(['tokenCounts']);

/** Inputs that say how long rows are: 1 to the size of axis T. */
const LENGTHS: ReadonlySet<string> = new Set(['lengths']);

/** Inputs that are sums of products of vectors with themselves: symmetric, and no direction of a product below 0. */
const GRAMS: ReadonlySet<string> = new Set(['state.gram']);

/**
 * The largest difference between what `tested` and `reference` give for `cell` on random inputs at several sizes.
 * Throws `export/disagrees` where they give other outputs, other shapes or numbers further apart than `LARGEST_DIFFERENCE`.
 */
export async function assertAgreement(cell: Cell, tested: Executor, reference: Executor): Promise<number> {
  const random = Random.seeded(1);
  let worst = 0;
  for (const sizes of TRIALS) {
    const inputs = randomInputs(cell, sizes, random);
    const expected = await reference.run(cell.name, inputs);
    const got = await tested.run(cell.name, inputs);
    for (const name of Object.keys(cell.outputs)) {
      const difference = differenceOf(expected[name], got[name]);
      if (!(difference <= LARGEST_DIFFERENCE)) throw disagreement(cell, name, inputs, difference);
      worst = Math.max(worst, difference);
    }
  }
  return worst;
}

function disagreement(cell: Cell, output: string, inputs: HostArrays, difference: number): HearkenError {
  const shapes = Object.entries(inputs).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  const found = Number.isNaN(difference) ? 'other shapes or values that are no numbers' : difference.toExponential(1);
  return new HearkenError(
    'export/disagrees',
    `Expected output \`${output}\` of the graph of \`${cell.name}\` to agree with tfjs to ${LARGEST_DIFFERENCE}, ` +
      `got ${found} for ${shapes.join(', ')}`,
  );
}

/** The largest absolute difference; NaN where shapes differ or a value is no number. */
function differenceOf(expected: HostArray | undefined, got: HostArray | undefined): number {
  if (expected === undefined || got === undefined || expected.shape.join() !== got.shape.join()) return Number.NaN;
  let worst = 0;
  for (const [index, value] of expected.data.entries()) {
    const difference = Math.abs(value - got.data[index]!);
    if (Number.isNaN(difference)) return Number.NaN;
    worst = Math.max(worst, difference);
  }
  return worst;
}

function randomInputs(cell: Cell, sizes: readonly number[], random: Random): HostArrays {
  const letters = lettersOf(cell);
  if (letters.length > sizes.length) {
    throw new HearkenError(
      'export/axes',
      `Expected cell \`${cell.name}\` to have at most ${sizes.length} axis letters, got ${letters.join(', ')}`,
    );
  }
  const sizeByLetter = new Map(letters.map((letter, index) => [letter, sizes[index]!]));
  return Object.fromEntries(
    Object.entries(cell.inputs).map(([name, spec]) => [name, randomArray(name, spec, sizeByLetter, random)]),
  );
}

/** Numbers in -1..1, counts in 0..1, grams, lengths in 1..T, and integers 0 or 1, which are indices of any table. */
function randomArray(
  name: string,
  { shape: axes, dtype }: TensorSpec,
  letters: ReadonlyMap<string, number>,
  random: Random,
): HostArray {
  const shape = sizesOf(axes, letters);
  const length = sizeOf(shape);
  if (LENGTHS.has(name)) {
    return { shape, data: Int32Array.from({ length }, () => 1 + random.integer(letters.get('T') ?? 1)) };
  }
  if (GRAMS.has(name)) return { shape, data: gramOf(shape, random) };
  if (dtype === 'int32') return { shape, data: Int32Array.from({ length }, () => random.integer(2)) };
  const lowest = COUNTS.has(name) ? 0 : -1;
  return { shape, data: Float32Array.from({ length }, () => lowest + random.uniform() * (1 - lowest)) };
}

/** For each row I + x x^T / n, `[..., n, n]`, of a vector x: equations with it are easy to solve. */
function gramOf(shape: readonly number[], random: Random): Float32Array {
  const size = shape.at(-1) ?? 1;
  const data = new Float32Array(sizeOf(shape));
  for (let first = 0; first < data.length; first += size * size) {
    const vector = Float32Array.from({ length: size }, () => random.normal());
    for (let place = 0; place < size * size; place++) {
      const [row, column] = [Math.floor(place / size), place % size];
      data[first + place] = (row === column ? 1 : 0) + (vector[row]! * vector[column]!) / size;
    }
  }
  return data;
}
