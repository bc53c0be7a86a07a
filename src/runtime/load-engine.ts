import { existsSync } from 'node:fs';
import path from 'node:path';

import type { ModelConfig } from '../model/config.ts';
import { readModelConfig, readModelFile } from '../model/config-file.ts';
import { decodeSafetensors } from '../tensor/safetensors.ts';
import { createEngine, type Engine } from './engine.ts';
import type { Executor } from './executor.ts';
import { fingerprint } from './fingerprint.ts';
import { modelFolder } from './model-folder.ts';
import type { OnnxDevice } from './onnx-executor.ts';
import { assertTrainingStack } from './training-stack.ts';

/** What computes: onnxruntime on the CPU, by WebGPU or CUDA; or tfjs, slower, which needs no exported graphs. */
export type StreamingDevice = OnnxDevice | 'tfjs';

export const DEVICES: readonly StreamingDevice[] = ['cpu', 'webgpu', 'cuda', 'tfjs'];

const CELLS = ['encode', 'summariseLeaf', 'summariseInner', 'read', 'decodePrepare', 'decodeStep'] as const;

/**
 * The model in `folder`, which is looked for from the working directory, then from the package; a bare name means the
 * package's `models/NAME`.
 *
 * Throws `model/not-found`; `model/missing-file`, `model/config` or `model/version`; `safetensors/...` on damaged weights;
 * `executor/graph` naming the cell whose
 * file is missing or damaged; `executor/device` where the device cannot be had; `training/not-installed` where `tfjs` is not installed.
 */
export async function loadEngine(name: string, device: StreamingDevice, signal?: AbortSignal): Promise<Engine> {
  signal?.throwIfAborted();
  const folder = modelFolder(name);
  const config = await readModelConfig(folder);
  const version = await fingerprintIn(folder, config);
  signal?.throwIfAborted();
  const executor = device === 'tfjs' ? await tfjsExecutor(folder) : await onnxExecutor(folder, device);
  try {
    for (const cell of CELLS) {
      signal?.throwIfAborted();
      await executor.inputs(cell); // a damaged file is refused now rather than in the middle of a stream
    }
    return await createEngine({ config, executor, fingerprint: version });
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw error;
  }
}

/** The fingerprint that `loadEngine` would give the model now. Throws as it does, but for graphs that are damaged. */
export async function fingerprintOf(name: string): Promise<string> {
  const folder = modelFolder(name);
  return fingerprintIn(folder, await readModelConfig(folder));
}

/** Of configuration, weights, which are looked through on the way, and graphs: of all that computes. */
async function fingerprintIn(folder: string, config: ModelConfig): Promise<string> {
  const weights = await readModelFile(folder, 'model.safetensors');
  decodeSafetensors(weights);
  const parts: (string | Uint8Array)[] = [JSON.stringify(config), weights];
  for (const cell of CELLS) {
    const graph = path.join('onnx', `${cell}.onnx`);
    if (existsSync(path.join(folder, graph))) parts.push(await readModelFile(folder, graph)); // tfjs needs none
  }
  return fingerprint(config.name, parts);
}

async function onnxExecutor(folder: string, device: OnnxDevice): Promise<Executor> {
  const { createOnnxExecutor } = await import('./onnx-executor.ts');
  return createOnnxExecutor(path.join(folder, 'onnx'), { device });
}

async function tfjsExecutor(folder: string): Promise<Executor> {
  assertTrainingStack();
  const [{ readCheckpoint }, { cellsOf }, { loadBackend }, { createTfjsExecutor }] = await Promise.all([
    import('../model/checkpoint.ts'),
    import('../model/cells.ts'),
    import('./backends.ts'),
    import('./tfjs-executor.ts'),
  ]);
  const { config, weights } = await readCheckpoint(folder);
  await loadBackend();
  return createTfjsExecutor(cellsOf(config), weights);
}
