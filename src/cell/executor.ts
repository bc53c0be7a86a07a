import { HearkenError } from '../errors.ts';
import type { HostArrays, HostArray } from '../tensor/host-array.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { TensorSpec, Axis } from './tensor-spec.ts';

/** Runs the cells of one model by name on host arrays. No other module knows which runtime computes. */
export type Executor = AsyncDisposable & {
  /** Name of the executor for messages and reports, for example `onnx-cpu` or `tfjs-wasm`. */
  readonly name: string;
  /** Why it computes there, where that was not asked for but found out. */ readonly reason?: string | undefined;
  /** Specs of the inputs of `cell`, so that its `state.*` inputs can start at zeros. Throws `executor/unknown-cell`. */
  inputs(cell: string): Promise<Readonly<Record<string, TensorSpec>>>;
  /**
   * Runs `cell` on `inputs`. Throws `executor/unknown-cell` or `executor/input` (names the input, its shape and what
   * was expected).
   */
  run(cell: string, inputs: HostArrays): Promise<HostArrays>;
};

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
