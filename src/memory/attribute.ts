import { assertInteger } from '../errors.ts';
import type { MemoryConfig } from './config.ts';
import { liveEntries } from './state.ts';
import type { PoolingLog } from './pooling-log.ts';
import { nodeCounts, fanInOf } from './schedule.ts';

/**
 * The attention over every raw vector of the past: an alignment over the live entries after `count` vectors, of shape
 * `[E]` in the order of `liveEntries`, times the pooling weights down the tree. Gives `[count]`, with the alignment's sum.
 *
 * A node's weights are means over its heads, and what it adds to its weighted mean has no part in this: the result says
 * where an output looked, not what it made of it. Throws `memory/pooling-log` where `log` does not reach.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { Random, tensorsOf } from 'hearken/attention';
 * import {
 *   advanceMemories,
 *   attribute,
 *   createTfjsExecutor,
 *   emptyMemory,
 *   initMemory,
 *   memoryCells,
 *   type MemoryConfig,
 *   PoolingLog,
 *   projectEntries,
 * } from 'hearken/memory';
 *
 * const sizes = { depth: 4, heads: 2, window: 3, leafFanIn: 2, fanIn: 2, slots: 2 };
 * const config: MemoryConfig = { ...sizes, tokenCountBias: true };
 * const weights = initMemory(config, Random.seeded(1));
 * const vectors = tf.randomNormal<tf.Rank.R3>([1, 40, 4], 0, 1, 'float32', 7);
 * const { keys, values } = projectEntries(tensorsOf(weights), config, vectors);
 * const [rows, rowKeys, rowValues] = await Promise.all([vectors, keys, values].map((each) => each.data<'float32'>()));
 *
 * // A stream takes them in, here as one chunk, and each vector reads what came up to it.
 * await using executor = createTfjsExecutor(memoryCells(config), weights);
 * const log = new PoolingLog();
 * const chunk = { vectors: rows, keys: rowKeys, values: rowValues };
 * const [advance] = await advanceMemories(executor, config, [{ state: emptyMemory(), chunk, log }]);
 * const last = advance.alignments[39];
 * const shares = attribute(config, log, 40, last.weights);
 * console.log(last.weights.length, shares.length, shares.reduce((sum, share) => sum + share, 0).toFixed(3));
 * // => 18 40 1.000
 * ```
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
