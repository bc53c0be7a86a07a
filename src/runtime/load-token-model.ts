import { crc32 } from 'node:zlib';

import { readModelFile, readModelJson } from '../model/config-file.ts';
import { modelFolder } from './model-folder.ts';
import { createTokenModel, type TokenModel } from './token-model.ts';
import type { TokenEngine } from './token-stream.ts';

/**
 * Loads the folder that a recipe of tokens such as `models/salient-recall` has written; tfjs computes. Throws
 * `model/missing-file`; `model/config`; `safetensors/...` on a damaged file; `model/missing-tensor`,
 * `model/unexpected-tensor` or `model/tensor` where weights are not those of the configuration.
 */
export async function loadTokenModel(folder: string): Promise<TokenModel> {
  return createTokenModel(await loadTokenEngine(folder));
}

/** As `loadTokenModel`, for streams that are values. The executor is the caller's to dispose of. */
export async function loadTokenEngine(folder: string): Promise<TokenEngine> {
  const [{ readRecallCheckpoint }, { recallCells }, { loadBackend }, { createTfjsExecutor }] = await Promise.all([
    import('../model/recall-checkpoint.ts'), // not before it is needed: tfjs takes its time
    import('../model/recall-cells.ts'),
    import('./backends.ts'),
    import('./tfjs-executor.ts'),
  ]);
  const { config, weights } = await readRecallCheckpoint(folder);
  const bytes = await readModelFile(folder, 'model.safetensors');
  const fingerprint = `tokens-${crc32(JSON.stringify(config), crc32(bytes)).toString(16).padStart(8, '0')}`;
  await loadBackend();
  return { config, executor: createTfjsExecutor(recallCells(config), weights), fingerprint };
}

/** Whether the folder `name`, looked for as `loadEngine` does, holds a token model. Throws as that on what is no model. */
export async function isTokenModel(name: string): Promise<boolean> {
  const config = await readModelJson(modelFolder(name));
  return typeof config === 'object' && config !== null && 'alphabetSize' in config;
}
