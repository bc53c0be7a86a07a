/**
 * The cold stores of streams: vectors that leave the window go there, and every vector looks for the nearest of those that had left before it,
 * by search or by a walk down the tree. Vectors are put there and looked for in the order of the stream, a block at a time, so that what is found does not depend on chunks.
 */
import type { Executor } from '../cell/executor.ts';
import { floatsNamed } from '../cell/rows.ts';
import type { ColdStore } from '../cold/cold-types.ts';
import { HearkenError } from '../errors.ts';
import type { MemoryConfig } from './config.ts';
import { liveNodes, mergedNodes, type Span } from './schedule.ts';
import type { MemoryCold, MemoryState } from './state.ts';
import { descend } from './streamed-descent.ts';
import { copyRows, type MemoryUpdate } from './update.ts';

/** What the vectors of a chunk have found. */
export type SoughtLeaves = {
  /** Numbers of the leaves of vector `query` of the stream, ascending. */ readonly foundAt: (
    query: number,
  ) => readonly number[];
  /** Of any of the vectors `queries`. */ readonly foundBy: (queries: Span) => number[];
  /** Copies keys and values of `leaves`, which were found, to the start of `keys` and `values`. */
  readonly copy: (leaves: readonly number[], keys: Float32Array, values: Float32Array) => void;
};

type Sought = { readonly leaves: SoughtLeaves; readonly cold: MemoryCold };

type LeafRow = ReturnType<ColdStore['leaf']>;

/** Vectors that one call of the cell takes at most. */
const VECTORS_PER_CALL = 256;

/** Result i belongs to request i; undefined where the memory has no cold store. Throws `memory/cold-store`. */
export async function seekLeaves(
  executor: Executor,
  config: MemoryConfig,
  requests: readonly { readonly state: MemoryState }[],
  updates: readonly MemoryUpdate[],
  signal?: AbortSignal,
): Promise<Sought[] | undefined> {
  const { cold } = config;
  if (cold === undefined) return undefined;
  const sought: Sought[] = [];
  for (const [index, update] of updates.entries()) {
    const { store, ...mark } = coldOf(requests[index]!.state); // one for each
    const queries = await soughtBy(executor, config, update, signal);
    store.goOnFrom(mark);
    const found: (readonly number[])[] = [];
    const rows = new Map<number, LeafRow>();
    for (const block of blocksOf(config, update)) {
      putLeaves(config, update, store, block.leaves);
      const { depth } = config;
      const asking = queries.subarray((block.start - update.before) * depth, (block.end - update.before) * depth);
      const walks = cold.descent !== undefined;
      found.push(...(walks ? descend(config, update, store, block, asking) : store.search(asking, cold.nearest)));
      // Copies, made at once: a long chunk may let go of its first leaves before it is read.
      for (const leaf of found.slice(block.start - block.end).flat())
        if (!rows.has(leaf)) rows.set(leaf, store.leaf(leaf));
    }
    sought.push({ leaves: leavesFound(update.before, found, rows), cold: { store, ...store.mark() } });
  }
  return sought;
}

/** Puts the vectors that leave the window into the store of each stream, of whose vectors none reads. Throws `memory/cold-store`. */
export function keepLeaves(config: MemoryConfig, state: MemoryState, update: MemoryUpdate): MemoryCold | undefined {
  if (config.cold === undefined) return undefined;
  const { store, ...mark } = coldOf(state);
  store.goOnFrom(mark);
  putLeaves(config, update, store, liveNodes(config, update.after)[0]?.start ?? 0);
  return { store, ...store.mark() };
}

function coldOf({ cold }: MemoryState): MemoryCold {
  if (cold !== undefined) return cold;
  throw new HearkenError(
    'memory/cold-store',
    'Expected the state of a memory with a cold store to have one: `emptyMemory(store)` begins it, got none',
  );
}

/** The queries of the read, `[n, D]`, by which leaves are sought. */
async function soughtBy(
  executor: Executor,
  config: MemoryConfig,
  update: MemoryUpdate,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const { before, after } = update;
  const { depth } = config;
  const sought = new Float32Array((after - before) * depth);
  for (let start = before; start < after; start += VECTORS_PER_CALL) {
    signal?.throwIfAborted();
    const end = Math.min(after, start + VECTORS_PER_CALL);
    const data = new Float32Array((end - start) * depth);
    copyRows(config, update, 'vectors', 0, { start, end }, data);
    const outputs = await executor.run('seek', { queries: { shape: [1, end - start, depth], data } });
    sought.set(floatsNamed(outputs, 'sought'), (start - before) * depth);
  }
  return sought;
}

/** Consecutive vectors before whose reads equally many had left the window. */
type Block = Span & { readonly leaves: number };

function blocksOf(config: MemoryConfig, { before, after }: MemoryUpdate): Block[] {
  const blocks: Block[] = [];
  let [start, leaves] = [before, 0];
  for (let query = before; query < after; query++) {
    const left = liveNodes(config, query + 1)[0]?.start ?? 0;
    if (query > start && left !== leaves) {
      blocks.push({ start, end: query, leaves });
      start = query;
    }
    leaves = left;
  }
  if (after > before) blocks.push({ start, end: after, leaves });
  return blocks;
}

/** Puts the vectors that are not there yet into `store`, up to number `count`. */
function putLeaves(config: MemoryConfig, update: MemoryUpdate, store: ColdStore, count: number): void {
  const range = { start: store.mark().count, end: count };
  if (range.end <= range.start) return;
  const rows = (name: 'keys' | 'values'): Float32Array => {
    const data = new Float32Array((range.end - range.start) * config.depth);
    copyRows(config, update, name, 0, range, data);
    return data;
  };
  store.append(rows('keys'), rows('values'));
  if (config.cold?.descent !== undefined) putNodes(config, update, store, count);
}

/** Puts the nodes that are merged away when there are `leaves` into `store`. */
function putNodes(config: MemoryConfig, update: MemoryUpdate, store: ColdStore, leaves: number): void {
  const width = config.slots * config.depth;
  for (const [index, end] of mergedNodes(config, leaves).entries()) {
    const level = index + 1;
    const start = store.nodeCount(level);
    if (end <= start) continue;
    const keys = new Float32Array((end - start) * width);
    copyRows(config, update, 'keys', level, { start: start * config.slots, end: end * config.slots }, keys);
    store.appendNodes(level, keys);
  }
}

function leavesFound(
  before: number,
  found: readonly (readonly number[])[],
  rows: ReadonlyMap<number, LeafRow>,
): SoughtLeaves {
  return {
    foundAt: (query) => found[query - before] ?? [],
    foundBy: ({ start, end }) =>
      [...new Set(found.slice(start - before, end - before).flat())].toSorted((a, b) => a - b),
    copy: (leaves, keys, values) => {
      for (const [index, leaf] of leaves.entries()) {
        const row = rows.get(leaf)!; // it was found
        keys.set(row.keys, index * row.keys.length);
        values.set(row.values, index * row.values.length);
      }
    },
  };
}
