import { assertInteger } from '../errors.ts';
import type { MemoryConfig } from '../memory/config.ts';
import { liveEntries } from '../memory/state.ts';
import type { PoolingLog } from '../memory/pooling-log.ts';
import { nodeCounts, fanInOf } from '../memory/schedule.ts';

/**
 * The attention over every raw vector of the past: an alignment over the live entries after `count` vectors, of shape
 * `[E]` in the order of `liveEntries`, times the pooling weights down the tree. Gives `[count]`, with the alignment's sum.
 *
 * A node's weights are means over its heads, and what it adds to its weighted mean has no part in this: the result says
 * where an output looked, not what it made of it. Throws `memory/pooling-log` where `log` does not reach.
 */
export function attribute(config: MemoryConfig, log: PoolingLog, count: number, alignment: Float32Array): Float32Array {
  const live = liveEntries(config, count);
  assertInteger('alignment.length', alignment.length, live.length, live.length);
  const arrived = nodeCounts(config, count);
  const { slots } = config;
  const weights = arrived.map((nodes, level) => new Float32Array(level === 0 ? nodes : nodes * slots));
  for (const [index, { level, row }] of live.entries()) (weights[level] as Float32Array)[row] = alignment[index]!;

  for (let level = arrived.length - 1; level >= 1; level--) {
    const own = weights[level] as Float32Array; // one array for each level, as for the one below
    const below = weights[level - 1] as Float32Array;
    const fanIn = fanInOf(config, level - 1) * (level === 1 ? 1 : slots);
    for (let node = 0; node < arrived[level]!; node++) {
      const children = below.subarray(node * fanIn, (node + 1) * fanIn);
      distribute(own.subarray(node * slots, (node + 1) * slots), log.pooling(level, node), children);
    }
  }
  return weights[0] ?? new Float32Array(0);
}

/** Adds the slots' weights `own`, `[m]`, times `pooling`, `[m, F]`, to `children`, `[F]`. */
function distribute(own: Float32Array, pooling: Float32Array, children: Float32Array): void {
  for (const [slot, weight] of own.entries()) {
    if (weight === 0) continue;
    for (let child = 0; child < children.length; child++) {
      children[child] = children[child]! + weight * pooling[slot * children.length + child]!;
    }
  }
}
