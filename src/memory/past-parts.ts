import { HearkenError } from '../errors.ts';
import type { MemoryConfig } from './config.ts';
import type { PoolingRecorder } from './pooling-log.ts';
import { fanInOf, liveNodes, nodeTokenCount, type ScheduleConfig, type Span } from './schedule.ts';

/** Consecutive nodes of one level, each `[m, c]`. */
type PartsRun = { readonly first: number; readonly nodes: readonly Float32Array[] };

/**
 * On which parts of its node's span each slot rests: `[m, c]` a node, rows sum to 1. A new node's are the pooling weights times its
 * children's, k parts joined into one; so attribution costs O(log N) beside a stream, and is exact but for its resolution. It
 * must be there from the stream's first vector on.
 */
export class PoolingParts implements PoolingRecorder {
  readonly #config: MemoryConfig;
  readonly #levels: Map<number, Float32Array>[];

  /** Begins with a new stream, or with `runs`, by level from 1, of one that goes on. */
  constructor(config: MemoryConfig, runs: readonly PartsRun[] = []) {
    this.#config = config;
    this.#levels = runs.map(({ first, nodes }) => new Map(nodes.map((parts, index) => [first + index, parts])));
  }

  /** Takes in the weights `[m, F]` of node `index` of `level` (from 1). Doing so again, after a failed call, changes nothing. */
  record(level: number, index: number, pooling: Float32Array): void {
    const nodes = (this.#levels[level - 1] ??= new Map<number, Float32Array>());
    nodes.set(index, level === 1 ? pooling.slice() : this.#joined(level, index, pooling));
  }

  #joined(level: number, index: number, pooling: Float32Array): Float32Array {
    const { slots, leafFanIn: partCount } = this.#config;
    const fanIn = fanInOf(this.#config, level - 1);
    const parts = new Float32Array(slots * partCount);
    for (let child = 0; child < fanIn; child++) {
      const below = this.#parts(level - 1, index * fanIn + child);
      for (let slot = 0; slot < slots; slot++) {
        for (let row = 0; row < slots; row++) {
          const weight = pooling[(slot * fanIn + child) * slots + row]!;
          for (let part = 0; part < partCount; part++) {
            const target = slot * partCount + Math.floor((child * partCount + part) / fanIn);
            parts[target] = parts[target]! + weight * below[row * partCount + part]!;
          }
        }
      }
    }
    return parts;
  }

  #parts(level: number, node: number): Float32Array {
    const parts = this.#levels[level - 1]?.get(node);
    if (parts !== undefined) return parts;
    throw new HearkenError('memory/pooling-log', `Expected node ${node} of level ${level} to be held, got others`);
  }

  /**
   * The attention over the parts of the past after `count` vectors, by an alignment over the live entries of that moment. Throws
   * `memory/pooling-log` where a root is not held.
   */
  attribute(count: number, alignment: Float32Array): Float32Array {
    const { slots } = this.#config;
    const roots = pastRoots(this.#config, count);
    const shares = new Float32Array(roots.reduce((sum, { partCount }) => sum + partCount, 0));
    let entry = 0;
    let first = 0;
    for (const { level, node, partCount } of roots) {
      if (level === 0) shares.set(alignment.subarray(entry), first);
      else {
        const parts = this.#parts(level, node);
        for (const [index, share] of parts.entries()) {
          const target = first + (index % partCount);
          shares[target] = shares[target]! + alignment[entry + Math.floor(index / partCount)]! * share;
        }
        entry += slots;
      }
      first += partCount;
    }
    return shares;
  }

  /** Lets go of nodes that are live neither after `count` vectors nor later. */
  forgetBefore(count: number): void {
    for (const [level, { start }] of liveNodes(this.#config, count).entries()) {
      const nodes = level === 0 ? undefined : this.#levels[level - 1];
      for (const node of nodes?.keys() ?? []) if (node < start) nodes?.delete(node);
    }
  }

  /** The parts that are held, by level from 1. */
  runs(): PartsRun[] {
    return this.#levels.map((level) => {
      const held = [...level].toSorted(([a], [b]) => a - b);
      return { first: held[0]?.[0] ?? 0, nodes: held.map(([, parts]) => parts) };
    });
  }
}

/*
 * The past cut into parts that attribution in O(log N) tells apart: a live root's span into c equal ones, the window into its
 * vectors. A part only ever grows with the count, and by taking in whole parts: the cut of a later moment is a coarsening.
 */

/** A live root, or the window. */
type PastRoot = {
  /** Level of the root; 0 for the window. */ readonly level: number;
  /** The root's number on its level; 0 for the window. */ readonly node: number;
  /** The vectors it stands for. */ readonly span: Span;
  readonly partCount: number;
};

/** The live roots after `count` vectors, oldest first, and the window last; they partition the past. */
export function pastRoots(config: ScheduleConfig, count: number): PastRoot[] {
  const [window = { start: 0, end: 0 }, ...levels] = liveNodes(config, count);
  const roots = levels.map(({ start, end }, index) => {
    const level = index + 1;
    const tokenCount = nodeTokenCount(config, level);
    return Array.from({ length: end - start }, (_, offset): PastRoot => {
      const node = start + offset;
      return {
        level,
        node,
        span: { start: node * tokenCount, end: (node + 1) * tokenCount },
        partCount: config.leafFanIn,
      };
    });
  });
  return [...roots.toReversed().flat(), { level: 0, node: 0, span: window, partCount: window.end - window.start }];
}

/** Bounds of the parts after `count` vectors, oldest first, and at last `count`: one more than there are parts. */
export function pastEdges(config: MemoryConfig, count: number): number[] {
  const edges = pastRoots(config, count).flatMap(({ span: { start, end }, partCount }) =>
    Array.from({ length: partCount }, (_, part) => start + (part * (end - start)) / partCount),
  );
  return [...edges, count];
}

/** Shares of the parts with `edges` added up over the coarser parts with `coarserEdges`; parts after the last edge are 0. */
export function joinParts(
  shares: Float32Array,
  edges: readonly number[],
  coarserEdges: readonly number[],
): Float32Array {
  const joined = new Float32Array(coarserEdges.length - 1);
  let bin = 0;
  for (const [part, share] of shares.entries()) {
    while ((coarserEdges[bin + 1] ?? Number.POSITIVE_INFINITY) <= (edges[part] ?? 0)) bin++;
    joined[bin] = joined[bin]! + share;
  }
  return joined;
}
