import { additive } from './additive.ts';
import { concat } from './concat.ts';
import { cosine } from './cosine.ts';
import { location } from './location.ts';
import { dot, general, scaledDot } from './multiplicative.ts';
import { network } from './network.ts';
import type { AttentionScoreName } from './score-name.ts';
import type { ScoredAttention } from './softmax-attention.ts';

/** Softmax attention by every score, by the score's name in a model's configuration. */
export const ATTENTION_SCORES: Readonly<Record<AttentionScoreName, ScoredAttention>> = {
  additive,
  location,
  dot,
  general,
  concat,
  'scaled-dot': scaledDot,
  cosine,
  network,
};
