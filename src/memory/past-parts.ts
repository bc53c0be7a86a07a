/**
 * The past cut into parts that attribution in O(log N) tells apart: a live root's span into c equal ones, the window into its
 * vectors. A part only ever grows with the count, and by taking in whole parts: the cut of a later moment is a coarsening.
 */
import type { MemoryConfig } from './config.ts';
import { liveNodes, nodeMass, type ScheduleConfig, type Span } from './schedule.ts';

/** A live root, or the window. */
export type PastRoot = {
  /** 0 for the window. */ readonly level: number;
  /** The root's number on its level; 0 for the window. */ readonly node: number;
  /** The vectors it stands for. */ readonly span: Span;
  readonly partCount: number;
};

/** The live roots after `count` vectors, oldest first, and the window last; they partition the past. */
export function pastRoots(config: ScheduleConfig, count: number): PastRoot[] {
  const [window = { start: 0, end: 0 }, ...levels] = liveNodes(config, count);
  const roots = levels.map(({ start, end }, index) => {
    const level = index + 1;
    const mass = nodeMass(config, level);
    return Array.from({ length: end - start }, (_, offset): PastRoot => {
      const node = start + offset;
      return { level, node, span: { start: node * mass, end: (node + 1) * mass }, partCount: config.leafFanIn };
    });
  });
  return [...roots.toReversed().flat(), { level: 0, node: 0, span: window, partCount: window.end - window.start }];
}

/** Where the parts begin after `count` vectors, oldest first, and at last `count`: one more than there are parts. */
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
    joined[bin] = (joined[bin] ?? 0) + share;
  }
  return joined;
}
