import type { HostArrays } from '../tensor/host-array.ts';

/** Runs the cells of one model by name on host arrays. No other module knows which runtime computes. */
export type Executor = AsyncDisposable & {
  /** For messages and reports, for example `onnx-cpu` or `tfjs-wasm`. */
  readonly name: string;
  /** Throws `executor/unknown-cell` or `executor/input` (names the input, its shape and what was expected). */
  run(cell: string, inputs: HostArrays): Promise<HostArrays>;
};
