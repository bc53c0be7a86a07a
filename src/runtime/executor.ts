import type { TensorSpec } from '../model/tensor-spec.ts';
import type { HostArrays } from '../tensor/host-array.ts';

/** Runs the cells of one model by name on host arrays. No other module knows which runtime computes. */
export type Executor = AsyncDisposable & {
  /** For messages and reports, for example `onnx-cpu` or `tfjs-wasm`. */
  readonly name: string;
  /** What a cell takes, so that its `state.*` inputs can start at zeros. Throws `executor/unknown-cell`. */
  inputs(cell: string): Promise<Readonly<Record<string, TensorSpec>>>;
  /** Throws `executor/unknown-cell` or `executor/input` (names the input, its shape and what was expected). */
  run(cell: string, inputs: HostArrays): Promise<HostArrays>;
};
