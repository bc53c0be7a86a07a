import { HearkenError } from '../errors.ts';
import type { TensorSpec } from '../model/cell.ts';
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
    const input = inputs[name];
    if (input === undefined) refuse(cell, name, `of shape [${spec.shape.join(', ')}]`, 'none');
    assertInput(cell, name, spec, input, letters);
  }
}

function assertInput(
  cell: string,
  name: string,
  spec: TensorSpec,
  input: HostArray,
  letters: Map<string, number>,
): void {
  const dtype = input.data instanceof Float32Array ? 'float32' : 'int32';
  if (dtype !== spec.dtype) refuse(cell, name, `of type ${spec.dtype}`, dtype);
  const wanted = spec.shape.map((axis) => (typeof axis === 'number' ? axis : (letters.get(axis) ?? axis)));
  const fits =
    input.shape.length === wanted.length &&
    wanted.every((axis, index) => typeof axis === 'string' || axis === input.shape[index]);
  if (!fits) refuse(cell, name, `of shape [${wanted.join(', ')}]`, `[${input.shape.join(', ')}]`);
  if (input.data.length !== sizeOf(input.shape)) {
    refuse(
      cell,
      name,
      `of shape [${input.shape.join(', ')}] to have ${sizeOf(input.shape)} elements`,
      `${input.data.length}`,
    );
  }
  for (const [index, axis] of spec.shape.entries()) {
    if (typeof axis === 'string') letters.set(axis, input.shape[index] ?? 0);
  }
}

function refuse(cell: string, name: string, expected: string, got: string): never {
  throw new HearkenError('executor/input', `Expected input \`${name}\` of cell \`${cell}\` ${expected}, got ${got}`);
}
