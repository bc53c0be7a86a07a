/** Which leaves and nodes a cold store keeps, and how many of them a walk looks at: integers only. */
import type { LeafSizes } from '../cold/cold-types.ts';
import type { ColdSizes, MemoryConfig } from './config.ts';
import { fanInOf, liveNodes, mergedNodes, nodeTokenCount, type Span } from './schedule.ts';

/** What a cold store of a memory of `config` goes by. */
export function leafSizes(config: MemoryConfig, { retention, descent }: ColdSizes): LeafSizes {
  const { depth, heads, slots } = config;
  if (descent === undefined) return { depth, heads, retention };
  const nodes = {
    depth: slots * depth,
    countsAfter: (leaves: number) => mergedNodes(config, leaves),
    leavesOf: (level: number) => nodeTokenCount(config, level),
  };
  return { depth, heads, retention, nodes };
}

/** The oldest leaf that is kept, and the number of all, when `count` vectors were heard. */
export function leavesAt(config: MemoryConfig, count: number): { readonly start: number; readonly end: number } {
  const end = liveNodes(config, count)[0]?.start ?? 0;
  return { start: Math.max(0, end - (config.cold?.retention ?? 0)), end };
}

/** Those of the nodes `span` of `level`, 0 for leaves, under which leaves from number `firstLeaf` on are. */
export function keptNodes(config: MemoryConfig, level: number, firstLeaf: number, { start, end }: Span): Span {
  return { start: Math.max(start, Math.floor(firstLeaf / nodeTokenCount(config, level))), end };
}

/** Keys that a walk of one head compares with its query when `count` vectors were heard, none of whose leaves was let go of. */
export function walkSizes(config: MemoryConfig, count: number): { readonly nodes: number; readonly leaves: number } {
  const beam = config.cold?.descent?.beam ?? 0;
  let [kept, nodes] = [0, 0];
  for (const [level, { start, end }] of [...liveNodes(config, count).entries()].slice(1).toReversed()) {
    const candidates = end - start + kept * fanInOf(config, level);
    nodes += candidates;
    kept = Math.min(beam, candidates);
  }
  return { nodes, leaves: kept * config.leafFanIn };
}
