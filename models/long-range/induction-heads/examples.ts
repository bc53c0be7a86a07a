/**
 * Induction heads: a special token stands somewhere among random ones and once more at the end; asked is what came after it the first time.
 *
 * References: Gu and Dao, 2023, section 4.1.2, https://arxiv.org/abs/2312.00752 (task, length, vocabulary); the places as in
 * `src/dataloaders/synthetics.py` of https://github.com/HazyResearch/safari, whose vocabulary counts two special tokens. Here 16 tokens are
 * ordinary and one is special, and the answer alone is learned.
 */
import type { Random } from '../../../src/tensor/random.ts';
import type { SequenceExample } from '../../../src/training/examples.ts';

/** Tokens 0 to this less 1 are ordinary: any of them may be asked for. */
export const ORDINARY_TOKENS = 16;
const PREFIX_TOKEN: number = ORDINARY_TOKENS;

/** `length` tokens, 3 or more, and the special one. */
export function inductionHeads(
  length: number,
  random: Random,
): SequenceExample & { readonly input: readonly number[] } {
  const input = Array.from({ length }, () => random.integer(ORDINARY_TOKENS));
  const place = random.integer(length - 2);
  input[place] = PREFIX_TOKEN;
  input.push(PREFIX_TOKEN);
  return { input, label: input[place + 1]! };
}
