import type { ColdMark, ColdStore } from '../cold/cold-types.ts';
import { concatenate } from '../tensor/concatenate.ts';
import type { MemoryConfig } from './config.ts';
import { liveNodes, nodeTokenCount, nodeSpan, type Span } from './schedule.ts';

/** Rows of depth D with what reads need of them; all three are `[n, D]`. */
export type MemoryRows = {
  /** Encoded vectors, or the slots of a node. */ readonly vectors: Float32Array;
  readonly keys: Float32Array;
  readonly values: Float32Array;
};

/**
 * All that a stream keeps of its past: plain data, never changed once made, of size O(log count). Advancing it gives a
 * new state that shares the old one's nodes, so keeping an old state (to retry, to branch) costs next to nothing.
 */
export type MemoryState = {
  /** N: vectors so far. */
  readonly count: number;
  /** The window's vectors `[c g_0, N)`. */
  readonly window: MemoryRows;
  /** At index l - 1 the live nodes `[k g_l, a_l)` of level l, oldest first, each of m rows. */
  readonly levels: readonly (readonly MemoryRows[])[];
  /** Sums of the associative channel, where the memory has one and a vector was heard. */ readonly sums?: MemorySums;
  /** Where the stream stands in its cold store, which is no part of the state; where the memory has one. */
  readonly cold?: MemoryCold | undefined;
};

export type MemoryCold = ColdMark & { readonly store: ColdStore };

/** What an associative channel keeps: F features, D numbers of a value. */
export type MemorySums = {
  /** S: `[F, D]` */ readonly sums: Float32Array;
  /** G: `[F, F]` */ readonly gram: Float32Array;
};

/** The memory of a stream of which nothing was heard yet; where it has a cold store, with one of its own. */
export function emptyMemory(store?: ColdStore): MemoryState {
  const none = new Float32Array(0);
  const cold = store === undefined ? undefined : { store, ...store.mark() };
  return { count: 0, window: { vectors: none, keys: none, values: none }, levels: [], ...(cold && { cold }) };
}

type HeldEntries = {
  /** `[E, D]`, oldest first. */ readonly entries: Float32Array;
  /** `[E]`: 0, with `tokenCountBias` the log-mass; of what is hidden `MASKED`. */ readonly bias: Float32Array;
  /** Which entries these are. */ readonly live: readonly Entry[];
};

/**
 * A memory as it is looked at. `hidesSummaries` masks all slots, so that what looks sees the window alone: it measures what the tree
 * gives, and no model's configuration has it. What an associative channel recalls is not hidden.
 */
export type SeenMemoryConfig = MemoryConfig & { readonly hidesSummaries?: boolean };

/** The live entries of `state` as an attention decoder reads them: slots of the highest level first, the window last. */
export function heldEntries(config: SeenMemoryConfig, state: MemoryState): HeldEntries {
  const live = liveEntries(config, state.count);
  const bias = Float32Array.from(live, ({ level }) => entryBias(config, level));
  return { entries: heldRows(state, 'vectors'), bias, live };
}

/** Vectors, keys or values `[E, D]` of the live entries of `state`, in the order of `heldEntries`. */
export function heldRows(state: MemoryState, name: keyof MemoryRows): Float32Array {
  return concatenate([...state.levels.toReversed().flat(), state.window].map((rows) => rows[name]));
}

/** One row of what a read attends over: a window vector, or one slot of a live root. */
export type Entry = {
  /** Level of the entry; 0 for a vector. */
  readonly level: number;
  /** Row on its level: the vector's index, or m times the node's index plus the slot's. */
  readonly row: number;
  /** The vectors it stands for; the m slots of a node share one span. */
  readonly span: Span;
};

/** Added to the logit or score of something absent: far below any real one, yet finite, so that no row is NaN. */
export const MASKED = -1e9;

/** Rows that one node of `level` has: a vector is its own slot. */
export function slotsOf({ slots }: Pick<MemoryConfig, 'slots'>, level: number): number {
  return level === 0 ? 1 : slots;
}

/** The entries after `count` vectors, oldest first: the slots of the highest level, ..., the window vectors in time order. */
export function liveEntries(config: MemoryConfig, count: number): Entry[] {
  const levels = liveNodes(config, count).map(({ start, end }, level) => {
    const slots = slotsOf(config, level);
    return Array.from({ length: (end - start) * slots }, (_, offset) => {
      const row = start * slots + offset;
      return { level, row, span: nodeSpan(config, level, Math.floor(row / slots)) };
    });
  });
  return levels.toReversed().flat();
}

/**
 * Bias of a live entry of `level` in reads: with `tokenCountBias` the logarithm of the number of vectors it stands for,
 * else 0; of a hidden one `MASKED`.
 */
export function entryBias(config: SeenMemoryConfig, level: number): number {
  if (config.hidesSummaries === true && level > 0) return MASKED;
  return config.tokenCountBias ? Math.log(nodeTokenCount(config, level) / slotsOf(config, level)) : 0;
}
