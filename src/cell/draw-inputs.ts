/** Inputs for any cell, drawn from a seed: what graphs, backends and devices are held against each other by. */
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { TensorSpec } from './tensor-spec.ts';

/** Inputs that count vectors: never below 0. */
const COUNTS: ReadonlySet<string> = new Set(['tokenCounts']);

/** Inputs that say how long rows are: 1 to the size of axis T. */
const LENGTHS: ReadonlySet<string> = new Set(['lengths']);

/** Inputs that are sums of products of vectors with themselves: symmetric, and no direction of a product below 0. */
const GRAMS: ReadonlySet<string> = new Set(['state.gram']);

/**
 * Inputs of a cell with inputs `specs`: numbers in -1..1, counts in 0..1, grams, lengths in 1..T, and integers 0 or 1, which
 * are indices of any table. `sizes` gives the axes that are letters; a letter that it does not name is 1.
 */
export function drawInputs(
  specs: Readonly<Record<string, TensorSpec>>,
  sizes: Readonly<Record<string, number>>,
  random: Random,
): HostArrays {
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, drawArray(name, spec, sizes, random)]));
}

function drawArray(
  name: string,
  { shape: axes, dtype }: TensorSpec,
  sizes: Readonly<Record<string, number>>,
  random: Random,
): HostArray {
  const shape = axes.map((axis) => (typeof axis === 'number' ? axis : (sizes[axis] ?? 1)));
  const length = sizeOf(shape);
  if (LENGTHS.has(name)) {
    return { shape, data: Int32Array.from({ length }, () => 1 + random.integer(sizes['T'] ?? 1)) };
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
