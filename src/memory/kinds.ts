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

/** How a stream remembers vectors of `depth`: any kind as the schedule of a window, and of a tree where there is one. */
export function streamedMemory(kind: MemoryKindConfig, depth: number): MemoryConfig {
  if (kind.kind === 'hierarchical') {
    const { kind: _, summary, ...tree } = kind;
    return summary === 'attention' ? tree : { ...tree, summary };
  }
  const window = kind.kind === 'last' ? 1 : kind.kind === 'window' ? kind.window : Number.MAX_SAFE_INTEGER;
  const heads = kind.kind === 'last' ? 1 : (kind.heads ?? 1);
  return { depth, heads, window, leafFanIn: 1, fanIn: 2, slots: 1, tokenCountBias: false, beyond: 'forgotten' };
}
