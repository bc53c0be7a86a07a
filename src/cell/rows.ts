/** Streams as rows of a batch: arrays of one row each are stacked for a call and taken apart after it. */
import { HearkenError } from '../errors.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { sizeOf } from '../tensor/shape.ts';

/** Arrays `[1, ...]` of equal shape as one array `[B, ...]`. */
export function stackRows(rows: readonly HostArray[]): HostArray {
  const [first] = rows;
  if (first === undefined) throw new HearkenError('rows/empty', 'Expected `rows` to hold at least one array, got none');
  if (rows.length === 1) return first;
  const size = first.data.length;
  const data =
    first.data instanceof Int32Array ? new Int32Array(size * rows.length) : new Float32Array(size * rows.length);
  for (const [index, row] of rows.entries()) {
    if (row.data.length !== size) {
      throw new HearkenError(
        'rows/shape',
        `Expected rows of shape [${first.shape.join(', ')}], got [${row.shape.join(', ')}]`,
      );
    }
    data.set(row.data, index * size);
  }
  return { shape: [rows.length, ...first.shape.slice(1)], data };
}

/** Row `index` of `[B, ...]` as `[1, ...]`, a copy: a state must not keep the batch it came from alive. */
export function rowOf({ shape, data }: HostArray, index: number): HostArray {
  const rowShape = [1, ...shape.slice(1)];
  const size = sizeOf(rowShape);
  return { shape: rowShape, data: data.slice(index * size, (index + 1) * size) };
}

/** The array called `name`. Throws `executor/output` where a cell did not give it. */
export function arrayNamed(arrays: HostArrays, name: string): HostArray {
  const array = arrays[name];
  if (array === undefined) {
    throw new HearkenError('executor/output', `Expected an array \`${name}\`, got ${Object.keys(arrays).join(', ')}`);
  }
  return array;
}

/** The floats of the array called `name`. Throws `executor/output` where they are not floats. */
export function floatsNamed(arrays: HostArrays, name: string): Float32Array {
  const { data } = arrayNamed(arrays, name);
  if (data instanceof Float32Array) return data;
  throw new HearkenError('executor/output', `Expected \`${name}\` to hold float32, got int32`);
}
