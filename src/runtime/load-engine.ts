import path from 'node:path';
import { crc32 } from 'node:zlib';

import type { ModelConfig } from '../model/config.ts';
import { readModelConfig, readModelFile } from '../model/config-file.ts';
import { decodeSafetensors } from '../tensor/safetensors.ts';
import { createEngine, type Engine } from './engine.ts';
import type { Executor } from './executor.ts';
import { modelFolder } from './model-folder.ts';
import type { OnnxDevice } from './onnx-executor.ts';

/** What computes: onnxruntime on the CPU, by WebGPU or CUDA; or tfjs, slower, which needs no exported graphs. */
export type StreamingDevice = OnnxDevice | 'tfjs';

const CELLS = ['encode', 'summariseLeaf', 'summariseInner', 'read', 'decodePrepare', 'decodeStep'] as const;

/**
 * The model in `folder`, which is looked for from the working directory, then from the package; a bare name means the
 * package's `models/NAME`.
 *
 * Throws `model/not-found`; `model/missing-file`, `model/config` or `model/version`; `safetensors/...` on damaged weights;
 * `executor/graph` naming the cell whose
 * file is missing or damaged; `executor/device` where the device cannot be had.
 */
export async function loadEngine(name: string, device: StreamingDevice, signal?: AbortSignal): Promise<Engine> {
  signal?.throwIfAborted();
  const folder = modelFolder(name);
  const config = await readModelConfig(folder);
  const fingerprint = await fingerprintOf(folder, config);
  signal?.throwIfAborted();
  const executor = device === 'tfjs' ? await tfjsExecutor(folder) : await onnxExecutor(folder, device);
  try {
    for (const cell of CELLS) {
      signal?.throwIfAborted();
      await executor.inputs(cell); // a damaged file is refused now rather than in the middle of a stream
    }
    return await createEngine({ config, executor, fingerprint });
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw error;
  }
}

/** Of configuration and weights, which are looked through on the way; it need only tell models apart. */
async function fingerprintOf(folder: string, config: ModelConfig): Promise<string> {
  const weights = await readModelFile(folder, 'model.safetensors');
  decodeSafetensors(weights);
  return `${config.name}-${crc32(JSON.stringify(config), crc32(weights)).toString(16).padStart(8, '0')}`;
}

async function onnxExecutor(folder: string, device: OnnxDevice): Promise<Executor> {
  const { createOnnxExecutor } = await import('./onnx-executor.ts');
  return createOnnxExecutor(path.join(folder, 'onnx'), { device });
}

async function tfjsExecutor(folder: string): Promise<Executor> {
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
