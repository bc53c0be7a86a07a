import type { HostArrays } from '../tensor/host-array.ts';
import type { Executor } from './executor.ts';

/** What calls of cells carry between host and device. */
export type Transfers = {
  /** Calls of cells. */ readonly calls: number;
  /** Bytes of their inputs; 0 where the processor computes, which reads them where they are. */ readonly bytesToDevice: number;
  /** Bytes of their outputs; 0 likewise. */ readonly bytesFromDevice: number;
};

const NONE: Transfers = { calls: 0, bytesToDevice: 0, bytesFromDevice: 0 };

/**
 * `executor`, whose calls that succeed are counted. Inputs and outputs of cells are on the host, so every byte of them is copied; what
 * a graph copies inside of itself is told by `placementOf`. Counting takes some additions a call; an executor that is not wrapped does not count.
 */
export function countTransfers(executor: Executor): {
  readonly executor: Executor;
  /** What was counted since it was last taken. */ readonly take: () => Transfers;
} {
  let counted = NONE;
  const run: Executor['run'] = async (cell, inputs) => {
    const outputs = await executor.run(cell, inputs);
    const isCopied = executor.name !== 'onnx-cpu'; // asked after the call: a device that is lost is followed by the processor
    counted = {
      calls: counted.calls + 1,
      bytesToDevice: counted.bytesToDevice + (isCopied ? bytesOf(inputs) : 0),
      bytesFromDevice: counted.bytesFromDevice + (isCopied ? bytesOf(outputs) : 0),
    };
    return outputs;
  };
  return {
    executor: {
      get name() {
        return executor.name;
      },
      get reason() {
        return executor.reason;
      },
      inputs: (cell) => executor.inputs(cell),
      run,
      [Symbol.asyncDispose]: () => executor[Symbol.asyncDispose](),
    },
    take: () => {
      const taken = counted;
      counted = NONE;
      return taken;
    },
  };
}

function bytesOf(arrays: HostArrays): number {
  return Object.values(arrays).reduce((sum, { data }) => sum + data.byteLength, 0);
}
