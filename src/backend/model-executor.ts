/** What runs the cells of the model in a folder, on the device that was asked for. */
import path from 'node:path';

import type { Executor } from '../cell/executor.ts';
import { GRAPHS_FOLDER } from '../cell/graph-names.ts';
import type { OnnxDevice } from '../cell/onnx-device.ts';
import { assertTrainingStack } from '../training-stack.ts';

/**
 * What computes: onnxruntime on the CPU, by WebGPU or CUDA; `auto`, which is the one of these that computes a batch fastest (a GPU that is none but
 * software never); or tfjs, slower, which needs no exported graphs.
 */
export type StreamingDevice = OnnxDevice | 'auto' | 'tfjs';

export const DEVICES: readonly StreamingDevice[] = ['auto', 'cpu', 'webgpu', 'cuda', 'tfjs'];

export type ModelWork = {
  /** Cells that the model runs. */ readonly cells: readonly string[];
  /** Streams that are usually computed together, which `auto` measures. Default 1. */
  readonly streams?: number | undefined;
};

/**
 * Runs the model in `folder`. Each of its cells is loaded before it resolves, so that a damaged file is refused then rather than in the middle of a stream. Throws
 * `executor/graph` naming the cell whose file is missing or damaged; `executor/device` where the device cannot be had; with `tfjs`
 * `training/not-installed`, and what `readModelCheckpoint` throws; or the reason of `signal`.
 */
export async function createModelExecutor(
  folder: string,
  device: StreamingDevice,
  { cells, streams = 1 }: ModelWork,
  signal?: AbortSignal,
): Promise<Executor> {
  const executor = await executorOn(folder, device, { cells, streams });
  try {
    for (const cell of cells) {
      signal?.throwIfAborted();
      await executor.inputs(cell);
    }
    return executor;
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw error;
  }
}

async function executorOn(
  folder: string,
  device: StreamingDevice,
  work: { readonly cells: readonly string[]; readonly streams: number },
): Promise<Executor> {
  if (device === 'tfjs') return tfjsExecutor(folder);
  const graphs = path.join(folder, GRAPHS_FOLDER);
  const { createOnnxExecutor } = await import('../cell/onnx-executor.ts');
  const { readGraphs } = await import('../cell/graph-files.ts');
  let executor: Executor;
  if (device === 'auto') {
    const { createFastestExecutor } = await import('./fastest-executor.ts');
    executor = await createFastestExecutor(graphs, work);
  } else executor = await createOnnxExecutor(graphs, { device });
  if (executor.name === 'onnx-cpu') return executor;
  const { withSpare } = await import('../cell/spare-executor.ts');
  return withSpare(executor, await createOnnxExecutor(await readGraphs(graphs))); // should the device be lost
}

/** Runs the weights in `folder` by the best backend of tfjs. */
async function tfjsExecutor(folder: string): Promise<Executor> {
  assertTrainingStack();
  const [{ readModelCheckpoint }, { cellsOf }, { loadBackend }, { createTfjsExecutor }] = await Promise.all([
    import('../model/checkpoint.ts'),
    import('../model/cells.ts'),
    import('./backends.ts'),
    import('../cell/tfjs-executor.ts'),
  ]);
  const { config, weights } = await readModelCheckpoint(folder);
  await loadBackend();
  return createTfjsExecutor(cellsOf(config), weights);
}
