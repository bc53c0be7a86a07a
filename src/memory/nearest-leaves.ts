/**
 * Reads that attend to the nearest leaves of a cold store beside window and summaries, for whole sequences: the leaves of a query are all
 * vectors that left the window before it. Of each head the K leaves with the largest logits are uncovered, for all heads:
 *
 *   alignment[h, q, e] = softmax over e in window, live slots, and union_g top-K_i(q_g . k_i,g)
 *
 * so that with K leaves or fewer this is attention over all vectors. Streams find the same ones by search (`streamed-leaves.ts`).
 *
 * Shapes: B sequences, T vectors, Q queries, E entries of a level, S leaves, D depth, H heads.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { pair, tensorAt } from '../cell/typed-tensors.ts';
import type { MemoryConfig } from './config.ts';
import { descendedBias } from './descent.ts';
import { leavesAt } from './kept-leaves.ts';
import { projectEntries, projectQueries, read, splitHeads } from './read.ts';
import { liveNodes } from './schedule.ts';
import { entryBias, MASKED, slotsOf } from './state.ts';
import { withoutGradient } from './without-gradient.ts';

/** Reads with every vector from number `from` on, over `levels` of `buildLevels`; gives `[B, T - from, D]`. */
export function readWithLeaves(
  weights: Weights,
  config: MemoryConfig,
  levels: readonly tf.Tensor3D[],
  from: number,
): tf.Tensor3D {
  return tf.tidy(() => {
    const vectors = tensorAt(levels, 0);
    const [, length, depth] = vectors.shape;
    const queries = tf.slice(vectors, [0, from, 0], [-1, length - from, depth]);
    const { keys, values } = projectEntries(weights, config, tf.concat([...levels], 1));
    const leaves = leafBias(config, length, from);
    const live = liveBias(config, length, from, keys.shape[1]);
    const count = leaves.shape[2];
    if (count === 0) return read(weights, config, { queries, keys, values, bias: live }).outputs;
    const nearest =
      config.cold?.descent === undefined
        ? nearestBias(weights, config, queries, tf.slice(keys, [0, 0, 0], [-1, count, -1]), leaves)
        : descendedBias(weights, config, { queries, keys: splitLevels(keys, levels), from }, leaves);
    // Leaves are vectors, which come first among the entries.
    const padded = tf.pad(nearest, [[0, 0], [0, 0], [0, keys.shape[1] - count]], MASKED); // biome-ignore format: pairs
    return read(weights, config, { queries, keys, values, bias: tf.maximum<tf.Tensor3D>(live, padded) }).outputs;
  });
}

/** Keys of the rows of all levels, one behind the other, by level. */
function splitLevels(keys: tf.Tensor3D, levels: readonly tf.Tensor3D[]): tf.Tensor3D[] {
  return tf.split(
    keys,
    levels.map(({ shape }) => shape[1]),
    1,
  );
}

/** `bias`, of shape `[B or 1, Q, S]` with 0 on leaves that a query may see, with all masked but the nearest to it. */
export function nearestBias(
  weights: Weights,
  config: MemoryConfig,
  queries: tf.Tensor3D,
  leafKeys: tf.Tensor3D,
  bias: tf.Tensor3D,
): tf.Tensor3D {
  const nearest = config.cold?.nearest ?? 0;
  if (leafKeys.shape[1] <= nearest) return bias;
  return tf.tidy(() => {
    const byHead = [projectQueries(weights, config, queries), leafKeys].map((rows) => splitHeads(config, rows));
    // A choice has no gradient: what is chosen has, in the read.
    return withoutGradient(byHead, (own) => {
      const [sought, keys] = pair(own);
      const logits = tf.add(tf.matMul(sought, keys, false, true), tf.expandDims(bias, 1)); //           [B, H, Q, S]
      const { values } = tf.topk(logits, nearest);
      const least = tf.slice(values, [0, 0, 0, nearest - 1], [-1, -1, -1, 1]);
      const chosen = tf.max<tf.Tensor3D>(tf.cast(tf.greaterEqual(logits, least), 'float32'), 1); //     [B, Q, S]
      return tf.add<tf.Tensor3D>(bias, tf.mul(tf.sub(1, chosen), MASKED));
    });
  });
}

/** `[1, Q, S]`: 0 on the leaves that are there when each of the vectors from number `from` on reads, masked on others. */
function leafBias(config: MemoryConfig, length: number, from: number): tf.Tensor3D {
  const total = leavesAt(config, length).end;
  const bias = new Float32Array((length - from) * total).fill(MASKED);
  for (let query = from; query < length; query++) {
    const { start, end } = leavesAt(config, query + 1);
    bias.fill(0, (query - from) * total + start, (query - from) * total + end);
  }
  return tf.tensor3d(bias, [1, length - from, total]);
}

/** `[1, Q, E]`: uncovers the live entries of each query among the entries of all levels, one level behind the other. */
function liveBias(config: MemoryConfig, length: number, from: number, entries: number): tf.Tensor3D {
  const bias = new Float32Array((length - from) * entries).fill(MASKED);
  const counts = liveNodes(config, length).map(({ end }, level) => end * slotsOf(config, level));
  for (let query = from; query < length; query++) {
    let offset = (query - from) * entries;
    for (const [level, { start, end }] of liveNodes(config, query + 1).entries()) {
      const slots = slotsOf(config, level);
      bias.fill(entryBias(config, level), offset + start * slots, offset + end * slots);
      offset += counts[level]!; // the longest prefix has every level
    }
  }
  return tf.tensor3d(bias, [1, length - from, entries]);
}

/** `[B, T]`: 0 on the leaves of each row when its `lengths[b]` vectors were heard, masked on its other vectors. */
export function leafBiasAtEnds(config: MemoryConfig, vectors: tf.Tensor3D, lengths: readonly number[]): tf.Tensor2D {
  const [batch, length] = vectors.shape;
  const bias = new Float32Array(batch * length).fill(MASKED);
  for (const [row, count] of lengths.entries()) {
    const { start, end } = leavesAt(config, count);
    bias.fill(0, row * length + start, row * length + end);
  }
  return tf.tensor2d(bias, [batch, length]);
}
