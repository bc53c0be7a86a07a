import { HearkenError } from '../errors.ts';
import type { MemoryConfig } from './config.ts';
import { slotsOf } from './entries.ts';
import type { PoolingRecorder } from './pooling-log.ts';
import { arrivals, liveNodes } from './schedule.ts';
import type { MemoryRows, MemoryState } from './state.ts';

/** Consecutive nodes of one level. */
export type NodeRun = {
  /** Number of the first one on its level. */ readonly first: number;
  readonly nodes: MemoryRows[];
};

/** A memory while it takes in a chunk: everything that was live before, and all that arises. */
export type Growth = {
  /** N before the chunk. */ readonly before: number;
  /** N after the chunk. */ readonly after: number;
  /** Number of the first vector in `rows`. */ readonly first: number;
  /** Vectors `[first, after)`. */ readonly rows: MemoryRows;
  /** At index l - 1 the nodes of level l; a merge appends one. */ readonly levels: readonly NodeRun[];
  readonly log: PoolingRecorder | undefined;
};

/** Throws `memory/chunk` where the arrays of `chunk` are not whole rows of depth D, equally many. */
export function beginGrowth(
  config: MemoryConfig,
  state: MemoryState,
  chunk: MemoryRows,
  log?: PoolingRecorder,
): Growth {
  const { depth } = config;
  const added = chunk.vectors.length / depth;
  for (const [name, { length }] of Object.entries(chunk)) {
    if (length !== added * depth || !Number.isInteger(added)) {
      throw new HearkenError(
        'memory/chunk',
        `Expected \`${name}\` to hold rows of ${depth}, as vectors, got ${length}`,
      );
    }
  }
  const after = state.count + added;
  const held = arrivals(config, state.count);
  const levels = arrivals(config, after)
    .slice(1)
    .map((_, index) => {
      const nodes = [...(state.levels[index] ?? [])];
      return { first: (held[index + 1] ?? 0) - nodes.length, nodes };
    });
  const rows = {
    vectors: joined(state.window.vectors, chunk.vectors),
    keys: joined(state.window.keys, chunk.keys),
    values: joined(state.window.values, chunk.values),
  };
  return { before: state.count, after, first: after - rows.vectors.length / depth, rows, levels, log };
}

/**
 * The memory as it is after `count` vectors, at any vector of the chunk (`before` to `after`) once its merges are done:
 * what came later is left out, and what is no longer live is let go of. No cell runs for it.
 */
export function memoryAt(config: MemoryConfig, growth: Growth, count: number): MemoryState {
  const [live, ...roots] = liveNodes(config, count);
  const { depth } = config;
  const firstRow = (live?.start ?? count) - growth.first;
  const endRow = count - growth.first;
  return {
    count,
    window: mapRows(growth.rows, (data) => data.slice(firstRow * depth, endRow * depth)),
    levels: roots.map(({ start, end }, index) => {
      const { first, nodes } = growth.levels[index] as NodeRun; // begun with one for each level of roots
      return nodes.slice(start - first, end - first);
    }),
  };
}

/**
 * Copies rows `start` to `end` of `level` (vectors, or slots: m times the node's number plus the slot's) to the start
 * of `target`. All must be held by `growth`.
 */
export function copyRows(
  config: MemoryConfig,
  growth: Growth,
  name: keyof MemoryRows,
  level: number,
  range: { readonly start: number; readonly end: number },
  target: Float32Array,
): void {
  const { depth } = config;
  const run = growth.levels[level - 1];
  if (run === undefined) {
    const { start, end } = range;
    target.set(growth.rows[name].subarray((start - growth.first) * depth, (end - growth.first) * depth));
    return;
  }
  const slots = slotsOf(config, level);
  for (let row = range.start; row < range.end; row += slots) {
    const node = run.nodes[row / slots - run.first] as MemoryRows; // the schedule asks only for nodes that are there
    target.set(node[name], (row - range.start) * depth);
  }
}

function mapRows({ vectors, keys, values }: MemoryRows, map: (data: Float32Array) => Float32Array): MemoryRows {
  return { vectors: map(vectors), keys: map(keys), values: map(values) };
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const both = new Float32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
