import type { MemoryConfig } from './config.ts';

/** What a model remembers of the encoded vectors. */
export type MemoryKindConfig =
  /** The newest vector alone: the fixed vector of the plain encoder-decoder. */
  | { readonly kind: 'last' }
  /** The newest `window` vectors; `heads` where a head reads at a vector. */
  | { readonly kind: 'window'; readonly window: number; readonly heads?: number | undefined }
  /** All vectors: O(N); `heads` where a head reads at a vector. */
  | { readonly kind: 'full'; readonly heads?: number | undefined }
  | HierarchicalMemoryConfig;

/** The whole past in O(log N) entries. */
export type HierarchicalMemoryConfig = MemoryConfig & {
  readonly kind: 'hierarchical';
  readonly summary: 'attention' | 'mean';
};
