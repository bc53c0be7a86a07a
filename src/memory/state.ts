import type { MemoryConfig } from './config.ts';
import { type Entry, entryBias, liveEntries } from './entries.ts';

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
};

/** The memory of a stream of which nothing was heard yet. */
export function emptyMemory(): MemoryState {
  const none = new Float32Array(0);
  return { count: 0, window: { vectors: none, keys: none, values: none }, levels: [] };
}

export type HeldEntries = {
  /** `[E, D]`, oldest first. */ readonly entries: Float32Array;
  /** `[E]`: 0, with `massBias` the log-mass. */ readonly bias: Float32Array;
  /** Which entries these are. */ readonly live: readonly Entry[];
};

/** The live entries of `state` as an attention decoder reads them: slots of the highest level first, the window last. */
export function heldEntries(config: MemoryConfig, state: MemoryState): HeldEntries {
  const live = liveEntries(config, state.count);
  const entries = new Float32Array(live.length * config.depth);
  let position = 0;
  for (const { vectors } of [...state.levels.toReversed().flat(), state.window]) {
    entries.set(vectors, position);
    position += vectors.length;
  }
  return { entries, bias: Float32Array.from(live, ({ level }) => entryBias(config, level)), live };
}
