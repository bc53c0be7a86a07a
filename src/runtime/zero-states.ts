import type { TensorSpec } from '../model/tensor-spec.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { sizeOf } from '../tensor/shape.ts';

/** The `state.*` inputs among a cell's `inputs`, as they start: zeros. `sizes` gives the axes that are letters. */
export function zeroStates(
  inputs: Readonly<Record<string, TensorSpec>>,
  sizes: Readonly<Record<string, number>>,
): HostArrays {
  const states = Object.entries(inputs).filter(([name]) => name.startsWith('state.'));
  return Object.fromEntries(states.map(([name, spec]) => [name, zeros(spec, sizes)]));
}

function zeros({ shape, dtype }: TensorSpec, sizes: Readonly<Record<string, number>>): HostArray {
  const known = shape.map((axis) => (typeof axis === 'number' ? axis : (sizes[axis] ?? 1)));
  return { shape: known, data: dtype === 'int32' ? new Int32Array(sizeOf(known)) : new Float32Array(sizeOf(known)) };
}
