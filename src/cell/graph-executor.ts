import { HearkenError } from '../errors.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { assertCellInputs } from './executor.ts';
import type { Executor } from './executor.ts';
import type { OnnxDevice } from './onnx-device.ts';
import { type LoadedGraph, openGraph, runGraph } from './onnx-graph.ts';

/** ONNX files by the name of their cell. */
export type CellGraphs = ReadonlyMap<string, Uint8Array>;

export type GraphExecutorOptions = {
  readonly device: OnnxDevice;
  /** Refuses a cell that has no graph. */ readonly unknownCell: (cell: string) => HearkenError;
};

/**
 * Runs cells by onnxruntime, in Node or in a browser, whichever the import of `onnx-graph.ts` means: from the bytes of their graphs, or in Node from paths. A
 * cell is loaded when it first runs. Running throws as in `createOnnxExecutor`.
 */
export function createGraphExecutor(
  graphs: ReadonlyMap<string, string | Uint8Array>,
  { device, unknownCell }: GraphExecutorOptions,
): Executor {
  const loading = new Map<string, Promise<LoadedGraph>>();
  const running = new Set<Promise<HostArrays>>();
  let closing: Promise<void> | undefined;

  const load = (cell: string): Promise<LoadedGraph> => {
    const source = graphs.get(cell);
    if (source === undefined) throw unknownCell(cell);
    const loaded = loading.get(cell) ?? openGraph(cell, source, device);
    loading.set(cell, loaded);
    return loaded;
  };
  const release = async (): Promise<void> => {
    await Promise.allSettled(running);
    const settled = await Promise.allSettled(loading.values());
    loading.clear();
    for (const each of settled) if (each.status === 'fulfilled') await each.value.session.release();
  };
  return {
    name: `onnx-${device}`,
    inputs: async (cell) => (await load(cell)).inputs,
    run: async (cell, inputs) => {
      if (closing !== undefined)
        throw new HearkenError('executor/closed', `Expected an open executor to run \`${cell}\`, got a closed one`);
      const { session, inputs: specs } = await load(cell);
      assertCellInputs(cell, specs, inputs);
      const result = runGraph(cell, session, inputs);
      running.add(result);
      return result.finally(() => running.delete(result));
    },
    [Symbol.asyncDispose]: () => (closing ??= release()),
  };
}
