import { HearkenError } from '../errors.ts';
import { streamedMemory } from '../memory/kinds.ts';
import { type ModelConfig, modelDepth } from '../model/config.ts';
import type { TokenModelConfig } from '../model/config-migration.ts';
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
