/** The folder of a model of tokens that answers: of version 2 of the format, or of the one that such models had before. */
import type { ModelCheckpoint } from '../model/unchecked-checkpoint.ts';
import { assertWeights } from '../model/checkpoint.ts';
import { type ModelConfig, parseModelConfig } from '../model/config.ts';
import { readModelJson } from '../model/config-file.ts';
import { valueAt } from '../model/config-fields.ts';
import { modelConfigOfTokenModel } from '../model/config-migration.ts';
import { readWeights } from '../model/unchecked-checkpoint.ts';

/**
 * The token model in `folder`. Throws `model/missing-file`; `model/config`; `safetensors/...` on a damaged file;
 * `model/missing-tensor`, `model/unexpected-tensor` or `model/tensor` where weights are not those of the configuration.
 */
export async function readTokenCheckpoint(folder: string): Promise<ModelCheckpoint> {
  const config = tokenConfigOf(await readModelJson(folder));
  const weights = await readWeights(folder);
  assertWeights(config, weights);
  return { config, weights };
}

/** What says no version is of before there was one. */
function tokenConfigOf(json: unknown): ModelConfig {
  return valueAt(json, ['version']) === undefined ? modelConfigOfTokenModel(json) : parseModelConfig(json);
}
