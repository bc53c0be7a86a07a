import { HearkenError } from '../errors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { TokenModelConfig } from '../model/config-migration.ts';
import { alphabetSize } from '../model/source.ts';

/** What streams of tokens go by: the memory's sizes, A (ids 0 to A - 1 may come) and L (the answer is one of labels 0 to L - 1). */
export type TokenStreamConfig = TokenModelConfig;

/**
 * What a model's streams of tokens go by. Throws `model/config`, naming the part, where it cannot answer on streams: it needs pairs of tokens,
 * a hierarchical memory and answers.
 */
export function tokenStreamConfig({ source, encoder, memory, heads }: ModelConfig): TokenStreamConfig {
  const need = (part: string, expected: string): HearkenError =>
    new HearkenError(
      'model/config',
      `Expected \`${part}\` of a model that answers on streams of tokens to be ${expected}`,
    );
  if (source.kind !== 'tokens') throw need('source.kind', 'tokens');
  if (encoder.kind !== 'pair') throw need('encoder.kind', 'pair');
  if (memory.kind !== 'hierarchical') throw need('memory.kind', 'hierarchical');
  if (heads.answers === undefined) throw need('heads.answers', 'an object');
  const { kind: _, ...tree } = memory;
  return { memory: tree, alphabetSize: alphabetSize(source), labelCount: heads.answers.labelCount };
}
