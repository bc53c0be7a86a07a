/** An array on the host, row-major: what executors take and give, what stream states and checkpoints hold. */
export type HostArray = {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
};

/** Named host arrays, for example the inputs of a cell or the tensors of a checkpoint. */
export type HostArrays = Readonly<Record<string, HostArray>>;
