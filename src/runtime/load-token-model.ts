import { filePath } from '../arguments.ts';
import { readModelFile, readModelJson } from '../model/config-file.ts';
import { fingerprint } from './fingerprint.ts';
import { modelFolder } from './model-folder.ts';
import { createTokenModel, type TokenModel } from './token-model.ts';
import type { TokenEngine } from './token-stream.ts';
import { assertTrainingStack } from './training-stack.ts';

/**
 * Loads the folder (a path or a `file:` URL) that a recipe of tokens such as `models/salient-recall` has written; tfjs computes. Throws
 * `training/not-installed` where tfjs, an optional package, is not installed; `model/missing-file`; `model/config`; `safetensors/...` on a damaged file; `model/missing-tensor`,
 * `model/unexpected-tensor` or `model/tensor` where weights are not those of the configuration.
 */
export async function loadTokenModel(folder: string | URL): Promise<TokenModel> {
  return createTokenModel(await loadTokenEngine(filePath('folder', folder)));
}

/** Loads the best tfjs backend, as `loadBackend` of `backends.ts` does. */
type LoadBackend = () => Promise<unknown>;

/**
 * As `loadTokenModel`, for streams that are values. The executor is the caller's to dispose of. `ready` is given what loads
 * the backend, and need not call it where one is loaded.
 */
export async function loadTokenEngine(
  folder: string,
  ready: (load: LoadBackend) => Promise<unknown> = (load) => load(),
): Promise<TokenEngine> {
  assertTrainingStack();
  const [{ readRecallCheckpoint }, { recallCells }, { loadBackend }, { createTfjsExecutor }] = await Promise.all([
    import('../model/recall-checkpoint.ts'), // not before it is needed: tfjs takes its time
    import('../model/recall-cells.ts'),
    import('./backends.ts'),
    import('./tfjs-executor.ts'),
  ]);
  const version = await tokenFingerprintOf(folder);
  const { config, weights } = await readRecallCheckpoint(folder);
  await ready(() => loadBackend());
  return { config, executor: createTfjsExecutor(recallCells(config), weights), fingerprint: version };
}

/** The fingerprint that `loadTokenEngine` would give the model now. Throws `model/missing-file` or `model/config`. */
export async function tokenFingerprintOf(folder: string): Promise<string> {
  const config = JSON.stringify(await readModelJson(folder));
  return fingerprint('tokens', [config, await readModelFile(folder, 'model.safetensors')]);
}

/** Whether the folder `name`, looked for as `loadEngine` does, holds a token model. Throws as that on what is no model. */
export async function isTokenModel(name: string): Promise<boolean> {
  const config = await readModelJson(modelFolder(name));
  return typeof config === 'object' && config !== null && 'alphabetSize' in config;
}
