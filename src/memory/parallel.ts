/**
 * The memory over whole sequences, for training: all nodes level by level, then a read at every time. Equals `naive.ts`
 * at every prefix, gradients too (`tests/memory/parallel.test.ts`): same arithmetic, same bracketing.
 *
 * Shapes: B sequences, T vectors, D depth, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../model/cell.ts';
import { assertShape } from '../tensor/shape.ts';
import { attendBands } from './banded-attention.ts';
import { bandsOf } from './bands.ts';
import type { MemoryConfig } from './config.ts';
import { slotsOf } from './entries.ts';
import { askWith, projectEntries, respond, splitHeads } from './read.ts';
import { arrivals, fanInOf } from './schedule.ts';
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
    const queries = levels[0] as tf.Tensor3D; // `buildLevels` gives one at least
    const asked = joinHeads(config, askWith(weights, config, queries));
    const rows = levels.map((level) => {
      const { keys, values } = projectEntries(weights, config, level);
      return { keys: joinHeads(config, keys), values: joinHeads(config, values) };
    });
    const contexts = attendBands(asked, rows, bandsOf(config, queries.shape[1])); // [B H, T, D/H]
    const byHead = tf.reshape(contexts, [-1, config.heads, queries.shape[1], config.depth / config.heads]);
    return respond(weights, config, queries, tf.transpose(byHead, [0, 2, 1, 3]));
  });
}

/** `[B, n, D]` to `[B H, n, D/H]`. */
function joinHeads(config: MemoryConfig, x: tf.Tensor3D): tf.Tensor3D {
  return tf.reshape(splitHeads(config, x), [-1, x.shape[1], config.depth / config.heads]);
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
