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
  const outputs = tf.unstack(vectors, 1).map((vector) => {
    const query = tf.expandDims<tf.Tensor3D>(vector, 1); //                                        [B, 1, D]
    levels[0]?.push(query);
    for (const [level, nodes] of levels.entries()) {
      const fanIn = fanInOf(config, level);
      const kept = level === 0 ? config.window : config.merging === 'eager' ? 0 : fanIn;
      if (nodes.length < kept + fanIn) break;
      const children = tf.concat(nodes.splice(0, fanIn), 1); //                                    [B, F, D]
      const tokenCounts = tf.ones<tf.Rank.R2>([children.shape[0], fanIn * slotsOf(config, level)]); //    all are there
      const { slots } = summarize(weights, config, { children, tokenCounts }, level === 0 ? 'leaf' : 'inner');
      (levels[level + 1] ??= []).push(slots);
    }
    const entries = tf.concat(levels.toReversed().flat(), 1); //                                   [B, E, D]
    const biases = levels.map((nodes, level) =>
      nodes.flatMap(({ shape }) => repeat(entryBias(config, level), shape[1])),
    );
    const bias = tf.tensor3d(biases.toReversed().flat(), [1, 1, entries.shape[1]]); //             log-masses
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

function repeat(value: number, count: number): number[] {
  return Array.from({ length: count }, () => value);
}
