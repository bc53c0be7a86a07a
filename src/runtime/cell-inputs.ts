import { HearkenError } from '../errors.ts';
import type { Axis, TensorSpec } from '../model/tensor-spec.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { sizeOf } from '../tensor/shape.ts';

/**
 * Throws `executor/input`, naming the input, unless `inputs` are exactly those of `specs`, with their types, ranks and
 * fixed sizes, and with one size for each axis letter.
 */
export function assertCellInputs(cell: string, specs: Readonly<Record<string, TensorSpec>>, inputs: HostArrays): void {
  for (const name of Object.keys(inputs)) {
    if (specs[name] === undefined) refuse(cell, name, 'to be absent', 'a tensor');
  }
  const letters = new Map<string, number>();
  for (const [name, spec] of Object.entries(specs)) {
    const wanted = spec.shape.map((axis) => (typeof axis === 'number' ? axis : (letters.get(axis) ?? axis)));
    const input = inputs[name];
    if (input === undefined) refuse(cell, name, `of shape ${list(wanted)}`, 'none');
    assertInput(cell, name, { shape: wanted, dtype: spec.dtype }, input);
    for (const [index, axis] of wanted.entries()) {
      if (typeof axis === 'string') letters.set(axis, input.shape[index] ?? 0);
    }
  }
}

function assertInput(cell: string, name: string, wanted: TensorSpec, { shape, data }: HostArray): void {
  const dtype = data instanceof Float32Array ? 'float32' : 'int32';
  if (dtype !== wanted.dtype) refuse(cell, name, `of type ${wanted.dtype}`, dtype);
  const fits = wanted.shape.every((axis, index) => typeof axis === 'string' || axis === shape[index]);
  if (!fits || shape.length !== wanted.shape.length) refuse(cell, name, `of shape ${list(wanted.shape)}`, list(shape));
  const size = sizeOf(shape);
  if (data.length !== size) refuse(cell, name, `of shape ${list(shape)} to have ${size} elements`, `${data.length}`);
}

function list(shape: readonly Axis[]): string {
  return `[${shape.join(', ')}]`;
}

function refuse(cell: string, name: string, expected: string, got: string): never {
  throw new HearkenError('executor/input', `Expected input \`${name}\` of cell \`${cell}\` ${expected}, got ${got}`);
}
