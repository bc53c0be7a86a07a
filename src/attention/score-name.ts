/** A score as a model's configuration names it. */
export type AttentionScoreName =
  | 'additive'
  | 'location'
  | 'dot'
  | 'general'
  | 'concat'
  | 'scaled-dot'
  | 'cosine'
  | 'network';
