import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { HearkenError } from '../errors.ts';
import { cellOfGraph } from './graph-names.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { assertCellInputs } from './executor.ts';
import type { Executor } from './executor.ts';
import type { OnnxDevice } from './onnx-device.ts';
import { type LoadedGraph, openGraph, runGraph } from './onnx-graph.ts';

export type OnnxExecutorOptions = {
  /** Where the graphs run. Default `cpu`. */ readonly device?: OnnxDevice;
};

/** ONNX files by the name of their cell. */
export type CellGraphs = ReadonlyMap<string, Uint8Array>;

/**
 * Runs cells by onnxruntime. `graphs` holds them, or is a folder of files `CELL.onnx`; a cell is loaded when it first runs.
 *
 * Running throws `executor/unknown-cell`, `executor/input`, `executor/graph` where a file is missing or damaged,
 * `executor/device` where the device cannot be had, and `executor/closed` after disposal, which waits for what runs.
 */
export async function createOnnxExecutor(
  graphs: string | CellGraphs,
  options: OnnxExecutorOptions = {},
): Promise<Executor> {
  const { device = 'cpu' } = options;
  const sources = await graphsOf(graphs);
  const loading = new Map<string, Promise<LoadedGraph>>();
  const running = new Set<Promise<HostArrays>>();
  let closing: Promise<void> | undefined;

  const load = (cell: string): Promise<LoadedGraph> => {
    const source = sources.get(cell);
    if (source === undefined) throw unknownCell(cell, graphs, [...sources.keys()]);
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

function unknownCell(cell: string, graphs: string | CellGraphs, known: readonly string[]): HearkenError {
  if (typeof graphs === 'string') {
    return new HearkenError(
      'executor/graph',
      `Expected the graph of cell \`${cell}\` at ${path.join(graphs, `${cell}.onnx`)}, got no such file`,
    );
  }
  return new HearkenError('executor/unknown-cell', `Expected \`cell\` in ${known.join(', ')}, got ${cell}`);
}

/** The graphs by cell: as they are given, or the paths of those in a folder. Throws `executor/graph` where there is no such folder. */
export async function graphsOf(graphs: string | CellGraphs): Promise<ReadonlyMap<string, string | Uint8Array>> {
  return typeof graphs === 'string' ? graphFiles(graphs) : graphs;
}

/** The bytes of the graphs in a folder, which stay what they are when its files are replaced. Throws as `graphsOf`. */
export async function readGraphs(folder: string): Promise<CellGraphs> {
  const graphs = new Map<string, Uint8Array>();
  for (const [cell, file] of await graphFiles(folder)) graphs.set(cell, await readFile(file));
  return graphs;
}

async function graphFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  if (!existsSync(folder)) {
    throw new HearkenError('executor/graph', `Expected a folder of ONNX files, got no \`${folder}\``);
  }
  const files = (await readdir(folder)).filter((file) => path.extname(file) === '.onnx').toSorted();
  const graphs = new Map<string, string>();
  // In alphabetical order the new name of a cell comes after its old one, and wins.
  for (const file of files) graphs.set(cellOfGraph(path.basename(file, '.onnx')), path.join(folder, file));
  return graphs;
}
