import { createTokenModel, type TokenModel } from './token-model.ts';

/**
 * Loads the folder that a recipe of tokens such as `models/salient-recall` has written; tfjs computes. Throws
 * `model/missing-file`; `model/config`; `safetensors/...` on a damaged file; `model/missing-tensor`,
 * `model/unexpected-tensor` or `model/tensor` where weights are not those of the configuration.
 */
export async function loadTokenModel(folder: string): Promise<TokenModel> {
  const [{ readRecallCheckpoint }, { recallCells }, { loadBackend }, { createTfjsExecutor }] = await Promise.all([
    import('../model/recall-checkpoint.ts'), // not before it is needed: tfjs takes its time
    import('../model/recall-cells.ts'),
    import('./backends.ts'),
    import('./tfjs-executor.ts'),
  ]);
  const { config, weights } = await readRecallCheckpoint(folder);
  await loadBackend();
  return createTokenModel(config, createTfjsExecutor(recallCells(config), weights));
}
