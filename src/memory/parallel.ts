/**
 * The memory over whole sequences, for training: all nodes level by level, then a read at every time. Same arithmetic
 * and same bracketing as the streaming form, so the two agree to rounding at every prefix.
 *
 * Shapes: B sequences, T vectors, D depth, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../model/cell.ts';
import { assertShape } from '../tensor/shape.ts';
import type { MemoryConfig } from './config.ts';
import { entryBias, MASKED, slotsOf } from './entries.ts';
import { projectEntries, read } from './read.ts';
import { arrivals, fanInOf, liveNodes } from './schedule.ts';
import { summariseSlots } from './summarise.ts';

/**
 * Every node that arises from `vectors`, of shape `[B, T, D]`: level 0 is `vectors` itself, level l >= 1 holds the slots
 * of its a_l nodes in order, `[B, a_l m, D]`.
 */
export function buildLevels(weights: Weights, config: MemoryConfig, vectors: tf.Tensor3D): tf.Tensor3D[] {
  assertShape('vectors', vectors, [null, null, config.depth]);
  return tf.tidy(() => {
    const levels = [vectors];
    let below = vectors;
    for (const [level, nodes] of arrivals(config, vectors.shape[1]).slice(1).entries()) {
      const children = fanInOf(config, level) * slotsOf(config, level);
      const merged = tf.slice(below, [0, 0, 0], [-1, nodes * children, -1]);
      const byNode = tf.reshape<tf.Rank.R3>(merged, [-1, children, config.depth]);
      const slots = summariseSlots(weights, config, byNode, level === 0 ? 'leaf' : 'inner');
      below = tf.reshape(slots, [-1, nodes * config.slots, config.depth]);
      levels.push(below);
    }
    return levels;
  });
}

/** Reads at every time over the `levels` of `buildLevels`; gives `[B, T, D]`. */
export function readLevels(weights: Weights, config: MemoryConfig, levels: readonly tf.Tensor3D[]): tf.Tensor3D {
  return tf.tidy(() => {
    const queries = levels[0] as tf.Tensor3D;
    const entries = tf.concat([...levels].reverse(), 1);
    const bias = denseBias(config, queries.shape[1]);
    return read(weights, config, { queries, ...projectEntries(weights, config, entries), bias }).outputs;
  });
}

export type ParallelRead = {
  /** `[B, T, D]` */ readonly outputs: tf.Tensor3D;
  /** See `buildLevels`; what `entriesAt` takes. */ readonly levels: tf.Tensor3D[];
};

/** Builds all nodes over `vectors`, of shape `[B, T, D]`, and reads at every time. */
export function readParallel(weights: Weights, config: MemoryConfig, vectors: tf.Tensor3D): ParallelRead {
  return tf.tidy(() => {
    const levels = buildLevels(weights, config, vectors);
    return { outputs: readLevels(weights, config, levels), levels };
  });
}

function denseBias(config: MemoryConfig, length: number): tf.Tensor3D {
  const arrived = arrivals(config, length);
  const offsets: number[] = [];
  let total = 0;
  for (let level = arrived.length - 1; level >= 0; level--) {
    offsets[level] = total;
    total += (arrived[level] ?? 0) * slotsOf(config, level);
  }
  const data = new Float32Array(length * total).fill(MASKED);
  for (let count = 1; count <= length; count++) {
    for (const [level, { start, end }] of liveNodes(config, count).entries()) {
      const from = (count - 1) * total + (offsets[level] ?? 0);
      const slots = slotsOf(config, level);
      data.fill(entryBias(config, level), from + start * slots, from + end * slots);
    }
  }
  return tf.tensor3d(data, [1, length, total]);
}
