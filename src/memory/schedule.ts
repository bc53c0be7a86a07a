/**
 * Which nodes exist, merge and live after N vectors: pure integers, no state beyond N.
 *
 * Level 0 holds single vectors; on level 0 the c oldest become one node of level 1 when w + c stand, on a level
 * l >= 1 the k oldest become one node of level l + 1 when 2k stand. In closed form, with a_l the nodes that ever arrived
 * on level l and g_l the merges it has done:
 *
 *   a_0 = N,  g_0 = max(0, floor((a_0 - w) / c)),  a_{l+1} = g_l,  g_l = max(0, floor(a_l / k) - 1) for l >= 1
 *
 * and with `merging: 'eager'`, where k nodes merge as soon as they stand, g_l = floor(a_l / k).
 *
 * Live are the vectors [c g_0, a_0) and on each level l >= 1 the nodes [k g_l, a_l): an exact partition of the past.
 * N counts vectors including the one that asks, so a query always reads itself. All N with equal g_0 form a *block*:
 * they read the same roots, and of the window each its own past. Where what leaves the window is forgotten, there is level 0 alone,
 * and live are the newest w vectors.
 */
import type { MemoryConfig } from './config.ts';

/** The sizes that the schedule depends on. */
export type ScheduleConfig = Pick<MemoryConfig, 'window' | 'leafFanIn' | 'fanIn' | 'beyond' | 'merging'>;

/** A half-open range `[start, end)` of nodes on a level, or of vectors. */
export type Span = { readonly start: number; readonly end: number };

/** Nodes of `level` that one node of the next level summarises: c on level 0, k above. */
export function fanInOf(config: ScheduleConfig, level: number): number {
  return level === 0 ? config.leafFanIn : config.fanIn;
}

/** g_l: merges that `level` has done after `arrived` of its nodes ever arrived. */
function mergeCount(config: ScheduleConfig, level: number, arrived: number): number {
  if (level === 0) return Math.max(0, Math.floor((arrived - config.window) / config.leafFanIn));
  return Math.max(0, Math.floor(arrived / config.fanIn) - (config.merging === 'eager' ? 0 : 1));
}

/** a_l for every level that has a node after `count` vectors, level 0 first; empty for 0 vectors. */
export function nodeCounts(config: ScheduleConfig, count: number): number[] {
  if (config.beyond === 'forgotten') return count > 0 ? [count] : [];
  const arrived: number[] = [];
  for (let level = 0, nodes = count; nodes > 0; level++) {
    arrived.push(nodes);
    nodes = mergeCount(config, level, nodes);
  }
  return arrived;
}

/** The live nodes `[f g_l, a_l)` of every level after `count` vectors, level 0 (the window) first. */
export function liveNodes(config: ScheduleConfig, count: number): Span[] {
  if (config.beyond === 'forgotten')
    return count > 0 ? [{ start: Math.max(0, count - config.window), end: count }] : [];
  return nodeCounts(config, count).map((arrived, level) => ({
    start: fanInOf(config, level) * mergeCount(config, level, arrived),
    end: arrived,
  }));
}

/** At index l - 1 the nodes `[0, k g_l)` of level l that were merged away, their number, when `leaves` vectors had left the window. */
export function mergedNodes(config: ScheduleConfig, leaves: number): number[] {
  if (leaves === 0) return [];
  const [, ...levels] = liveNodes(config, config.window + leaves);
  return levels.map(({ start }) => start);
}

/** The first N after `count` with which something merges, or is forgotten: up to it only the window grows. */
export function endOfBlock(config: ScheduleConfig, count: number): number {
  const { window, leafFanIn, beyond } = config;
  if (beyond === 'forgotten') return Math.max(count, window) + 1;
  return window + leafFanIn * (mergeCount(config, 0, count) + 1);
}

/** Vectors that a node of `level` stands for: 1, c, c k, c k^2, ... */
export function nodeTokenCount(config: ScheduleConfig, level: number): number {
  return level === 0 ? 1 : config.leafFanIn * config.fanIn ** (level - 1);
}

/** The vectors that node `index` of `level` stands for. */
export function nodeSpan(config: ScheduleConfig, level: number, index: number): Span {
  const tokenCount = nodeTokenCount(config, level);
  return { start: index * tokenCount, end: (index + 1) * tokenCount };
}
