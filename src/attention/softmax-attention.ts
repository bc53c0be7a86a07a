/**
 * Softmax attention over a score: `alignment = softmax(score + bias)`.
 *
 * Reference: Bahdanau, Cho and Bengio, 2015, equations 5 and 6, https://arxiv.org/abs/1409.0473
 *
 * Departures: the bias, which hides entries and weighs summaries by their mass; a row of which everything is hidden
 * gives zeros.
 *
 * Shapes: B batch, E entries.
 */
import { type AttentionMechanism, defineMechanism, PER_ENTRY } from './mechanism.ts';
import { maskedSoftmax } from './hidden.ts';
import type { AttentionScore } from './score.ts';

/** Global attention by a score, and the score itself, which local, monotonic and chunkwise attention are made of too. */
export type ScoredAttention = AttentionMechanism & { readonly scoring: AttentionScore };

/** State: `alignment` `[B, E]`, of the query before, where the score reads it; else none. */
export function softmaxAttention(scoring: AttentionScore): ScoredAttention {
  const { init, keyDepth, keys, readsPreviousAlignment } = scoring;
  const mechanism = defineMechanism({
    states: readsPreviousAlignment ? { alignment: PER_ENTRY } : {},
    init,
    keyDepth,
    keys,
    align: (weights, query, memory, state) => {
      const inputs = { query, keys: memory.keys, previousAlignment: state['alignment'] };
      const alignment = maskedSoftmax(scoring.score(weights, inputs), memory.bias);
      return { alignment, state: readsPreviousAlignment ? { alignment } : {} };
    },
  });
  return { ...mechanism, scoring };
}
