import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { env, InferenceSession, Tensor } from 'onnxruntime-node';

import { HearkenError } from '../errors.ts';
import type { TensorSpec } from './tensor-spec.ts';
import { cellInputName, cellOfGraph, cellOutputName } from './graph-names.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { assertCellInputs } from './executor.ts';
import type { Executor } from './executor.ts';

export type OnnxDevice = 'cpu' | 'webgpu' | 'cuda';

export type OnnxExecutorOptions = {
  /** Where the graphs run. Default `cpu`. */ readonly device?: OnnxDevice;
};

/** ONNX files by the name of their cell. */
export type CellGraphs = ReadonlyMap<string, Uint8Array>;

/** A graph that is ready to run, and the inputs of its cell. */
export type LoadedGraph = { readonly session: InferenceSession; readonly inputs: Readonly<Record<string, TensorSpec>> };

/** onnxruntime's `ORT_LOGGING_LEVEL_FATAL`. */
const LOG_FATAL_ONLY = 4;

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

/**
 * Loads the graph of `cell` from a file, or its bytes. Operators that the device lacks fall back to the processor. Throws
 * `executor/graph` where it is missing or damaged, `executor/device` where the device cannot be had.
 */
export async function openGraph(
  cell: string,
  source: string | Uint8Array,
  device: OnnxDevice,
  options: InferenceSession.SessionOptions = {},
): Promise<LoadedGraph> {
  env.logLevel = 'fatal'; // what goes wrong is thrown, not printed too
  const sessionOptions: InferenceSession.SessionOptions = {
    ...options,
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    intraOpNumThreads: 1, // because one step is too small to parallelize
    interOpNumThreads: 1,
    logSeverityLevel: LOG_FATAL_ONLY,
  };
  try {
    // The two overloads of `create` do not take a union.
    const session = await (typeof source === 'string'
      ? InferenceSession.create(source, sessionOptions)
      : InferenceSession.create(source, sessionOptions));
    return { session, inputs: specsOf(session) };
  } catch (error) {
    throw refusal(cell, device, error);
  }
}

function specsOf(session: InferenceSession): Record<string, TensorSpec> {
  const tensors = session.inputMetadata.filter((metadata) => metadata.isTensor);
  return Object.fromEntries(
    tensors.map(({ name, shape, type }) => [
      cellInputName(name),
      { shape, dtype: type === 'int32' ? 'int32' : 'float32' },
    ]),
  );
}

function refusal(cell: string, device: OnnxDevice, cause: unknown): HearkenError {
  const reason = reasonOf(cause);
  if (device !== 'cpu' && /provider|backend|device|adapter|cuda/iu.test(reason)) {
    return new HearkenError('executor/device', `Expected device \`${device}\` to be available, got: ${reason}`, {
      cause,
    });
  }
  return new HearkenError('executor/graph', `Expected the graph of cell \`${cell}\` to load, got: ${reason}`, {
    cause,
  });
}

/** onnxruntime's own words, without the place in its sources and the condition that it checked there. */
function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const [line = ''] = message.split('\n', 1);
  return line.replace(/^\/\S+:\d+ .* was false\. /u, '');
}

/** Runs a loaded graph. Throws `executor/run`. */
export async function runGraph(cell: string, session: InferenceSession, inputs: HostArrays): Promise<HostArrays> {
  const feeds: Record<string, Tensor> = {};
  for (const name of session.inputNames) {
    const array = inputs[cellInputName(name)];
    if (array !== undefined) feeds[name] = toTensor(array);
  }
  try {
    const results = await session.run(feeds);
    const outputs: Record<string, HostArray> = {};
    for (const [name, tensor] of Object.entries(results)) outputs[cellOutputName(name)] = toHostArray(tensor);
    return outputs;
  } catch (cause) {
    throw new HearkenError('executor/run', `Expected cell \`${cell}\` to run, got: ${reasonOf(cause)}`, { cause });
  }
}

function toTensor({ shape, data }: HostArray): Tensor {
  return data instanceof Float32Array ? new Tensor('float32', data, shape) : new Tensor('int32', data, shape);
}

function toHostArray(tensor: Tensor): HostArray {
  return { shape: tensor.dims, data: tensor.data as Float32Array | Int32Array }; // exported graphs give no other types
}
