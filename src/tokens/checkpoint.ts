import type { ModelCheckpoint } from '../model/unchecked-checkpoint.ts';
import { assertWeights } from '../model/checkpoint.ts';
import { readWeights } from '../model/unchecked-checkpoint.ts';
import { readTokenConfig } from './config.ts';

/**
 * The token model in `folder`. Throws `model/missing-file`; `model/config`; `safetensors/...` on a damaged file;
 * `model/missing-tensor`, `model/unexpected-tensor` or `model/tensor` where weights are not those of the configuration.
 */
export async function readTokenCheckpoint(folder: string): Promise<ModelCheckpoint> {
  const config = await readTokenConfig(folder);
  const weights = await readWeights(folder);
  assertWeights(config, weights);
  return { config, weights };
}
