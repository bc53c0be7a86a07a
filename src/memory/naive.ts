/**
 * The memory as one would write it for a single stream: FIFOs of nodes, merged as they fill up, and one read a vector.
 * This is its *definition*. `parallel.ts` (training, whole sequences) and `streaming.ts` (streaming, chunks of many
 * streams) compute the same faster; `tests/memory/parallel.test.ts` and `tests/memory/streaming.test.ts` show that they
 * equal it at every prefix.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { assertShape } from '../tensor/shape.ts';
import { associate, noAssociations } from './associative.ts';
import { channelOf } from './associative-sizes.ts';
import type { MemoryConfig } from './config.ts';
import { descendNaively, type WalkedNode, walkedNode } from './naive-descent.ts';
import { nearestBias } from './nearest-leaves.ts';
import { entryBias, slotsOf } from './state.ts';
import { projectEntries, read } from './read.ts';
import { fanInOf } from './schedule.ts';
import { summarize } from './summarize.ts';

/**
 * Gives `[B, T, D]`, what each of `vectors`, `[B, T, D]`, reads in the memory of all vectors up to itself.
 *
 * Level 0 holds vectors, level l >= 1 nodes. A level merges its oldest `fanIn` when it has as many beyond what it keeps:
 * the window's w vectors on level 0, one full fan-in above, or nothing where merging is eager. O(T log T) cells one after the other; for gradients too.
 * Throws `tensor/shape`.
 */
export function readNaively(weights: Weights, config: MemoryConfig, vectors: tf.Tensor3D): tf.Tensor3D {
  assertShape('vectors', vectors, [null, null, config.depth]);
  const channel = channelOf(config);
  let associations = channel === undefined ? undefined : noAssociations(channel, vectors.shape[0]);
  const levels: tf.Tensor3D[][] = [[]]; // [B, slots, D] each, oldest first
  const left: tf.Tensor3D[] = []; // the vectors that left the window, oldest first
  const walked = new Map<tf.Tensor3D, WalkedNode>(); // what was summarized, and summaries
  const outputs = tf.unstack(vectors, 1).map((vector) => {
    const query = tf.expandDims<tf.Tensor3D>(vector, 1); //                                        [B, 1, D]
    levels[0]?.push(query);
    for (const [level, nodes] of levels.entries()) {
      const fanIn = fanInOf(config, level);
      const kept = level === 0 ? config.window : config.merging === 'eager' ? 0 : fanIn;
      if (nodes.length < kept + fanIn) break;
      const merged = nodes.splice(0, fanIn);
      const children = tf.concat(merged, 1); //                                                    [B, F, D]
      if (level === 0) left.push(...merged);
      const tokenCounts = tf.ones<tf.Rank.R2>([children.shape[0], fanIn * slotsOf(config, level)]); //    all are there
      const { slots } = summarize(weights, config, { children, tokenCounts }, level === 0 ? 'leaf' : 'inner');
      (levels[level + 1] ??= []).push(slots);
      if (config.cold?.descent === undefined) continue;
      if (level === 0) for (const leaf of merged) walked.set(leaf, walkedNode(weights, config, leaf, []));
      const below = merged.map((node) => walked.get(node)!); // it came before
      walked.set(slots, walkedNode(weights, config, slots, below));
    }
    const leaves = config.cold === undefined ? [] : left.slice(-config.cold.retention);
    const entries = tf.concat([...levels.toReversed().flat(), ...leaves], 1); //                   [B, E, D]
    const biases = levels.map((nodes, level) =>
      nodes.flatMap(({ shape }) => repeat(entryBias(config, level), shape[1])),
    );
    const live = tf.tensor3d(biases.toReversed().flat(), [1, 1, entries.shape[1] - leaves.length]); // log-masses
    const roots = levels.slice(1).map((nodes) => nodes.flatMap((node) => walked.get(node) ?? []));
    const bias = leaves.length === 0 ? live : withLeaves(weights, config, query, live, leaves, { roots, walked });
    const { outputs: own } = read(weights, config, {
      queries: query,
      ...projectEntries(weights, config, entries),
      bias,
    });
    if (channel === undefined || associations === undefined) return own;
    const associated = associate(weights, channel, query, associations);
    associations = associated.state;
    return tf.add<tf.Tensor3D>(own, associated.outputs);
  });
  return tf.concat(outputs, 1);
}

type Walked = {
  readonly roots: readonly (readonly WalkedNode[])[];
  readonly walked: ReadonlyMap<tf.Tensor3D, WalkedNode>;
};

/** `live`, of shape `[1, 1, E]`, and behind it the bias that uncovers those of `leaves`, `[B, 1, D]` each, that are found: `[B, 1, E + S]`. */
function withLeaves(
  weights: Weights,
  config: MemoryConfig,
  query: tf.Tensor3D,
  live: tf.Tensor3D,
  leaves: readonly tf.Tensor3D[],
  { roots, walked }: Walked,
): tf.Tensor3D {
  const [batch] = query.shape;
  const repeated = tf.tile(live, [batch, 1, 1]);
  if (config.cold?.descent !== undefined) {
    const own = leaves.map((leaf) => walked.get(leaf)!); // each left the window
    return tf.concat([repeated, descendNaively(weights, config, query, roots, own)], 2);
  }
  const { keys } = projectEntries(weights, config, tf.concat([...leaves], 1));
  const nearest = nearestBias(weights, config, query, keys, tf.zeros([batch, 1, leaves.length]));
  return tf.concat([repeated, nearest], 2);
}

function repeat(value: number, count: number): number[] {
  return Array.from({ length: count }, () => value);
}
