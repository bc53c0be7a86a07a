import type { AttentionScoreName } from './score-name.ts';

/** How a decoder attends, as a model's configuration has it. */
export type AttentionConfig =
  | { readonly kind: 'global'; readonly score: AttentionScoreName }
  /** One entry alone: drawn in training, the likeliest in use. */
  | { readonly kind: 'sampled'; readonly score: AttentionScoreName }
  /** `reach`: entries on either side. */
  | { readonly kind: 'local-m' | 'local-p'; readonly score: AttentionScoreName; readonly reach: number }
  | { readonly kind: 'monotonic' }
  /** `chunk`: entries that end at a stop. */
  | { readonly kind: 'mocha'; readonly score: AttentionScoreName; readonly chunk: number }
  | { readonly kind: 'milk'; readonly score: AttentionScoreName };
