/** The folder of a token model: `config.json` and `model.safetensors`, as the recipe of salient recall writes them. */
import { assertInteger, HearkenError } from '../errors.ts';
import { assertMemoryConfig, type MemoryConfig } from '../memory/config.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { Random } from '../tensor/random.ts';
import { decodeSafetensors } from '../tensor/safetensors.ts';
import { assertEnough, assertTensors } from './checkpoint.ts';
import { readModelFile, readModelJson } from './config-file.ts';
import type { RecallConfig } from './recall-config.ts';
import { initRecall } from './recall-model.ts';
import { leastRecallWeightCount } from './weight-count.ts';

export type RecallCheckpoint = { readonly config: RecallConfig; readonly weights: HostArrays };

/** Far beyond any use; what a damaged file may ask for stays within the memory of a machine. */
const MOST_TOKENS = 1 << 20;

/**
 * The token model in `folder`. Throws `model/missing-file`; `model/config`; `safetensors/...` on a damaged file;
 * `model/missing-tensor`, `model/unexpected-tensor` or `model/tensor` where weights are not those of the configuration.
 */
export async function readRecallCheckpoint(folder: string): Promise<RecallCheckpoint> {
  const config = parseRecallConfig(await readModelJson(folder));
  const { tensors } = decodeSafetensors(await readModelFile(folder, 'model.safetensors'));
  assertEnough(leastRecallWeightCount(config), tensors);
  assertTensors(initRecall(config, Random.seeded(0)), tensors);
  return { config, weights: tensors };
}

/** `value`, as parsed from JSON, as a configuration. Throws `model/config`, naming the field. */
function parseRecallConfig(value: unknown): RecallConfig {
  const { memory, alphabetSize, labelCount } = { ...(value as Partial<RecallConfig> | null) }; // each is looked at below
  try {
    assertMemoryConfig({ ...(memory as MemoryConfig) });
    assertInteger('alphabetSize', alphabetSize ?? Number.NaN, 1, MOST_TOKENS);
    assertInteger('labelCount', labelCount ?? Number.NaN, 1, MOST_TOKENS);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HearkenError('model/config', `${reason} in the \`config.json\` of a token model`, { cause });
  }
  const { massBias } = memory as MemoryConfig; // its sizes were found in it
  if (typeof massBias !== 'boolean') {
    throw new HearkenError('model/config', `Expected \`memory.massBias\` to be true or false, got ${String(massBias)}`);
  }
  return { memory, alphabetSize, labelCount } as RecallConfig; // as looked at above
}
