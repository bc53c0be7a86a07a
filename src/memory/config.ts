import { assertInteger, HearkenError } from '../errors.ts';

/**
 * Sizes of a hierarchical memory, stored with the model. D, H, w, c, k and m are the letters used in the memory's
 * equations.
 */
export type MemoryConfig = {
  /** D: depth of an encoded vector and of a slot; a multiple of `heads`. */
  readonly depth: number;
  /** H: attention heads in summaries and in reads. */
  readonly heads: number;
  /** w: the newest w to w + c - 1 vectors are read exactly. */
  readonly window: number;
  /** c: vectors that one node of level 1 summarises. */
  readonly leafFanIn: number;
  /** k: nodes that one node of a higher level summarises, at least 2. */
  readonly fanIn: number;
  /** m: slots a node holds. */
  readonly slots: number;
  /**
   * Whether reads add the logarithm of the number of vectors behind a slot to its logit, so that a summary of alike
   * vectors weighs as much as they did.
   */
  readonly tokenCountBias: boolean;
  /**
   * How a node stands for its children: `attention` (default), m learned queries attend over them; `mean`, each slot is the mean, weighted
   * by token counts, of one of m equal stretches of them.
   */
  readonly summary?: 'attention' | 'mean';
  /**
   * What becomes of vectors that leave the window: `summarized` (default) in nodes; or `forgotten`, and then the window is of exactly w
   * vectors, and no node is ever made.
   */
  readonly beyond?: 'summarized' | 'forgotten';
  /** By how many of its children, those with the largest logits, each slot of a summary by attention is written; default by all. */
  readonly strongest?: number | undefined;
  /**
   * Which summaries by attention pass their values through learned maps: those of all nodes (default), or those of `leaves` alone, so that higher
   * nodes hand up what they choose as it is.
   */
  readonly refined?: 'all' | 'leaves' | undefined;
  /**
   * When nodes merge: `lazy` (default), when 2k of a level stand, so that k remain and no level ever collapses into one root; `eager`, as
   * soon as k stand, so that a level above exists as early as it can.
   */
  readonly merging?: 'lazy' | 'eager' | undefined;
  /** The associative channel beside the slots, if any: pairs of keys and values in sums of fixed size (`associative.ts`). */
  readonly associative?: AssociativeSizes | undefined;
  /** The cold store beside the tree, if any: vectors that left the window, found again by search, outside the state (`src/cold`). */
  readonly cold?: ColdSizes | undefined;
};

export type AssociativeSizes = {
  /** C: numbers of a key, of which C (C + 1) / 2 features are made. */ readonly keyDepth: number;
};

export type ColdSizes = {
  /** K: the leaves with the largest logits of each head, which a read attends to beside window and summaries. */
  readonly nearest: number;
  /** The most leaves that are kept: the newest. Older ones are in the summaries alone. */
  readonly retention: number;
  /** Finds leaves by a walk down the tree, which is learned, in the place of a search among all of them (`descent.ts`). */
  readonly descent?: DescentSizes | undefined;
};

export type DescentSizes = {
  /** B: nodes of each level and head that a walk goes on from. */ readonly beam: number;
};

/** Upper bounds of `cold`. */
export const MOST_NEAREST = 4_096;
export const MOST_BEAM = 4_096;
export const MOST_RETENTION: number = 2 ** 40;

/** Upper bound of every size: far beyond any use, low enough that products of two stay exact integers. */
const MAXIMUM_SIZE = 1 << 16;

/** Upper bound of a key's depth C: the channel's state grows with its fourth power. */
export const MOST_KEY_DEPTH = 64;

/** Throws `option/out-of-range`, naming the field, unless every size of `config` is possible. */
export function assertMemoryConfig(config: MemoryConfig): void {
  assertInteger('memory.depth', config.depth, 1, MAXIMUM_SIZE);
  assertInteger('memory.heads', config.heads, 1, config.depth);
  assertInteger('memory.window', config.window, 1, MAXIMUM_SIZE);
  assertInteger('memory.leafFanIn', config.leafFanIn, 1, MAXIMUM_SIZE);
  assertInteger('memory.fanIn', config.fanIn, 2, MAXIMUM_SIZE);
  assertInteger('memory.slots', config.slots, 1, MAXIMUM_SIZE);
  if (config.strongest !== undefined) assertInteger('memory.strongest', config.strongest, 1, MAXIMUM_SIZE);
  if (config.associative !== undefined) {
    assertInteger('memory.associative.keyDepth', config.associative.keyDepth, 1, MOST_KEY_DEPTH);
  }
  if (config.cold !== undefined) {
    assertInteger('memory.cold.nearest', config.cold.nearest, 1, MOST_NEAREST);
    assertInteger('memory.cold.retention', config.cold.retention, 1, MOST_RETENTION);
    const { descent } = config.cold;
    if (descent !== undefined) assertInteger('memory.cold.descent.beam', descent.beam, 1, MOST_BEAM);
  }
  if (config.depth % config.heads !== 0) {
    throw new HearkenError(
      'option/out-of-range',
      `Expected \`memory.heads\` to divide \`memory.depth\` ${config.depth}, got ${config.heads}`,
    );
  }
}
