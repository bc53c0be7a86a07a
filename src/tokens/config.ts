import { HearkenError } from '../errors.ts';
import { streamedMemory } from '../memory/kinds.ts';
import { type ModelConfig, modelDepth, parseModelConfig } from '../model/config.ts';
import { valueAt } from '../model/config-fields.ts';
import { readModelJson } from '../model/config-file.ts';
import { modelConfigOfTokenModel, type TokenModelConfig } from '../model/config-migration.ts';
import { alphabetSize } from '../model/source.ts';

/** What streams of tokens go by: the memory's sizes, A (ids 0 to A - 1 may come) and L (the answer is one of labels 0 to L - 1). */
export type TokenStreamConfig = TokenModelConfig;

/** What a model's streams of tokens go by. Throws `model/config`, naming the part, where it does not answer on streams of tokens. */
export function tokenStreamConfig(config: ModelConfig): TokenStreamConfig {
  const { source, memory, heads } = config;
  const need = (part: string, expected: string): HearkenError =>
    new HearkenError(
      'model/config',
      `Expected \`${part}\` of a model that answers on streams of tokens to be ${expected}`,
    );
  if (source.kind !== 'tokens') throw need('source.kind', 'tokens');
  if (heads.answers === undefined) throw need('heads.answers', 'an object');
  const { labelCount } = heads.answers;
  return { memory: streamedMemory(memory, modelDepth(config)), alphabetSize: alphabetSize(source), labelCount };
}

/** The configuration of the token model in `folder`: of version 2 of the format, or of the one that such models had before. */
export async function readTokenConfig(folder: string): Promise<ModelConfig> {
  const json = await readModelJson(folder);
  return valueAt(json, ['version']) === undefined ? modelConfigOfTokenModel(json) : parseModelConfig(json);
}
