import type { Executor } from '../cell/executor.ts';
import { floatsNamed } from '../cell/rows.ts';
import { HearkenError } from '../errors.ts';
import { append, hasRoom } from '../tensor/append.ts';
import { ArrayPool } from '../tensor/array-pool.ts';
import type { MemoryConfig } from './config.ts';
import type { PoolingRecorder } from './pooling-log.ts';
import { nodeCounts, liveNodes, fanInOf, nodeTokenCount } from './schedule.ts';
import { slotsOf, type MemoryRows, type MemoryState } from './state.ts';

/** Consecutive nodes of one level. */
type LevelNodes = {
  /** Number of the first one on its level. */ readonly first: number;
  readonly nodes: MemoryRows[];
};

/** A memory while it takes in a chunk: everything that was live before, and all that arises. */
export type MemoryUpdate = {
  /** N before the chunk. */ readonly before: number;
  /** N after the chunk. */ readonly after: number;
  /** Number of the first vector that was held. */ readonly first: number;
  /** Vectors `[first, first + held)`: the window as it was, and the chunk where there was room for it. */ readonly held: MemoryRows;
  /** The vectors up to `after` that are not in `held`: the chunk as it came, or none. */ readonly added: MemoryRows;
  /** At index l - 1 the nodes of level l; a merge appends one. */ readonly levels: readonly LevelNodes[];
  readonly log: PoolingRecorder | undefined;
};

/**
 * Begins an update of the memory by a chunk. Throws `memory/chunk` where the arrays of `chunk` are not whole rows of
 * depth D, equally many.
 */
export function beginUpdate(
  config: MemoryConfig,
  state: MemoryState,
  chunk: MemoryRows,
  log?: PoolingRecorder,
): MemoryUpdate {
  const { depth } = config;
  const count = chunk.vectors.length / depth;
  for (const [name, { length }] of Object.entries(chunk)) {
    if (length !== count * depth || !Number.isInteger(count)) {
      throw new HearkenError(
        'memory/chunk',
        `Expected \`${name}\` to hold rows of ${depth}, as vectors, got ${length}`,
      );
    }
  }
  const after = state.count + count;
  const stood = nodeCounts(config, state.count);
  const levels = nodeCounts(config, after)
    .slice(1)
    .map((_, index) => {
      const nodes = [...(state.levels[index] ?? [])];
      return { first: (stood[index + 1] ?? 0) - nodes.length, nodes };
    });
  const { window } = state;
  const first = state.count - window.vectors.length / depth;
  const isRoomy = ROW_NAMES.every((name) => hasRoom(window[name], chunk[name]));
  const held = isRoomy ? mapRows((name) => append(window[name], chunk[name])) : window;
  const added = isRoomy ? mapRows((name) => chunk[name].subarray(0, 0)) : chunk;
  return { before: state.count, after, first, held, added, levels, log };
}

/**
 * The memory as it is after `count` vectors, at any vector of the chunk (`before` to `after`) once its merges are done:
 * what came later is left out, and what is no longer live is let go of. No cell runs for it.
 */
export function memoryAt(config: MemoryConfig, update: MemoryUpdate, count: number): MemoryState {
  const [live, ...roots] = liveNodes(config, count);
  const { depth } = config;
  const oldest = ((live?.start ?? count) - update.first) * depth;
  const newest = (count - update.first) * depth;
  return {
    count,
    window: mapRows((name) => {
      const [held, added] = [update.held[name], update.added[name]];
      if (newest <= held.length) return keptPart(held, oldest, newest);
      return append(held.subarray(oldest), added.subarray(Math.max(0, oldest - held.length), newest - held.length));
    }),
    levels: roots.map(({ start, end }, index) => {
      const { first, nodes } = update.levels[index]!; // begun with one for each level of roots
      return nodes.slice(start - first, end - first);
    }),
  };
}

/**
 * Copies rows `start` to `end` of `level` (vectors, or slots: m times the node's number plus the slot's) to the start
 * of `target`. All must be held by `update`.
 */
export function copyRows(
  config: MemoryConfig,
  update: MemoryUpdate,
  name: keyof MemoryRows,
  level: number,
  range: { readonly start: number; readonly end: number },
  target: Float32Array,
): void {
  const { depth } = config;
  const run = update.levels[level - 1];
  if (run === undefined) {
    const [start, end] = [(range.start - update.first) * depth, (range.end - update.first) * depth];
    const [held, added] = [update.held[name], update.added[name]];
    if (start < held.length) target.set(held.subarray(start, Math.min(end, held.length)));
    if (end <= held.length) return;
    const begin = Math.max(0, start - held.length);
    target.set(added.subarray(begin, end - held.length), Math.max(0, held.length - start));
    return;
  }
  const slots = slotsOf(config, level);
  for (let row = range.start; row < range.end; row += slots) {
    const node = run.nodes[row / slots - run.first]!; // the schedule asks only for nodes that are there
    target.set(node[name], (row - range.start) * depth);
  }
}

/** Most room that a window's array may lie in, times its own size. */
const MOST_ROOM = 2;

/**
 * Numbers `start` to `end` of `data` to be kept for long: where they lie, so that the next chunk is appended there and not copied with all that
 * is kept; a copy where their buffer is much larger than they are, which they would keep alive.
 */
function keptPart(data: Float32Array, start: number, end: number): Float32Array {
  const part = data.subarray(start, end);
  return data.buffer.byteLength <= MOST_ROOM * part.byteLength ? part : part.slice();
}

const ROW_NAMES = ['vectors', 'keys', 'values'] as const;

function mapRows(of: (name: keyof MemoryRows) => Float32Array): MemoryRows {
  return { vectors: of('vectors'), keys: of('keys'), values: of('values') };
}

/** Nodes that one call makes at most, so that a long chunk does not become one huge batch. */
const NODES_PER_CALL = 256;

/** Inputs of calls that have ended. */
const pool = new ArrayPool();

type PendingMerge = {
  readonly update: MemoryUpdate;
  /** Number of the node on its level. */
  readonly node: number;
};

/** Makes all nodes that are due in any of `updates`: level by level, those of all streams together. */
export async function mergePendingNodes(
  executor: Executor,
  config: MemoryConfig,
  updates: readonly MemoryUpdate[],
  signal?: AbortSignal,
): Promise<void> {
  const height = Math.max(0, ...updates.map(({ levels }) => levels.length));
  for (let level = 0; level < height; level++) {
    const due = updates.flatMap((update) => pendingMerges(config, update, level));
    for (let start = 0; start < due.length; start += NODES_PER_CALL) {
      signal?.throwIfAborted();
      await mergeNodes(executor, config, level, due.slice(start, start + NODES_PER_CALL));
    }
  }
}

/** The nodes above `level` that the chunk brings about. */
function pendingMerges(config: MemoryConfig, update: MemoryUpdate, level: number): PendingMerge[] {
  const above = update.levels[level];
  if (above === undefined) return [];
  const next = above.first + above.nodes.length;
  const arrived = nodeCounts(config, update.after)[level + 1] ?? 0;
  return Array.from({ length: arrived - next }, (_, offset) => ({ update, node: next + offset }));
}

/** Makes the nodes `due`, in this order, of rows of `level`. */
async function mergeNodes(
  executor: Executor,
  config: MemoryConfig,
  level: number,
  due: readonly PendingMerge[],
): Promise<void> {
  const { depth, slots } = config;
  const fanIn = fanInOf(config, level) * slotsOf(config, level); // F: rows a node summarises
  const children = pool.take(due.length * fanIn * depth);
  for (const [index, { update, node }] of due.entries()) {
    const range = { start: node * fanIn, end: (node + 1) * fanIn };
    copyRows(config, update, 'vectors', level, range, children.subarray(index * fanIn * depth));
  }
  const tokenCounts = pool.take(due.length * fanIn).fill(nodeTokenCount(config, level) / slotsOf(config, level));
  const outputs = await pool.lend([children, tokenCounts], () =>
    executor.run(level === 0 ? 'summarizeLeaf' : 'summarizeInner', {
      children: { shape: [due.length, fanIn, depth], data: children },
      tokenCounts: { shape: [due.length, fanIn], data: tokenCounts },
    }),
  );
  const vectors = floatsNamed(outputs, 'slots');
  const isRead = outputs['keys'] !== undefined;
  const keys = isRead ? floatsNamed(outputs, 'keys') : vectors;
  const values = isRead ? floatsNamed(outputs, 'values') : vectors;
  const pooling = floatsNamed(outputs, 'pooling');
  for (const [index, { update, node }] of due.entries()) {
    const [start, end] = [index * slots * depth, (index + 1) * slots * depth];
    const own = vectors.slice(start, end); // copies: a node must not keep the batch it was made in alive
    update.levels[level]?.nodes.push({
      vectors: own,
      keys: isRead ? keys.slice(start, end) : own,
      values: isRead ? values.slice(start, end) : own,
    });
    update.log?.record(level + 1, node, pooling.subarray(index * slots * fanIn, (index + 1) * slots * fanIn));
  }
}
