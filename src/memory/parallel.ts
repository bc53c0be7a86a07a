/**
 * The memory over whole sequences, for training: all nodes level by level, then a read at every time. Equals `naive.ts`
 * at every prefix, gradients too (`tests/memory/parallel.test.ts`): same arithmetic, same bracketing.
 *
 * Shapes: B sequences, T vectors, D depth, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from '../cell/cell.ts';
import { tensorAt } from '../cell/typed-tensors.ts';
import { assertInteger } from '../errors.ts';
import { assertShape } from '../tensor/shape.ts';
import { associate, noAssociations } from './associative.ts';
import { channelOf } from './associative-sizes.ts';
import { attendBands, bandsOf } from './banded-attention.ts';
import type { MemoryConfig } from './config.ts';
import { readWithLeaves } from './nearest-leaves.ts';
import { projectQueries, projectEntries, outputBlock, splitHeads } from './read.ts';
import { nodeCounts, fanInOf } from './schedule.ts';
import { slotsOf, type Entry, entryBias, liveEntries, MASKED } from './state.ts';
import { summarizeSlots } from './summarize.ts';

/**
 * Every node that arises from `vectors`, of shape `[B, T, D]`: level 0 is `vectors` itself, level l >= 1 holds the slots
 * of its a_l nodes in order, `[B, a_l m, D]`.
 */
export function buildLevels(weights: Weights, config: MemoryConfig, vectors: tf.Tensor3D): tf.Tensor3D[] {
  assertShape('vectors', vectors, [null, null, config.depth]);
  return tf.tidy(() => {
    const levels = [vectors];
    let below = vectors;
    for (const [level, nodes] of nodeCounts(config, vectors.shape[1]).slice(1).entries()) {
      const children = fanInOf(config, level) * slotsOf(config, level);
      const merged = tf.slice(below, [0, 0, 0], [-1, nodes * children, -1]);
      const byNode = tf.reshape<tf.Rank.R3>(merged, [-1, children, config.depth]);
      const slots = summarizeSlots(weights, config, byNode, level === 0 ? 'leaf' : 'inner');
      below = tf.reshape(slots, [-1, nodes * config.slots, config.depth]);
      levels.push(below);
    }
    return levels;
  });
}

/** Reads at every time over the `levels` of `buildLevels`; gives `[B, T, D]`. */
function readLevels(weights: Weights, config: MemoryConfig, levels: readonly tf.Tensor3D[]): tf.Tensor3D {
  return tf.tidy(() => {
    const queries = tensorAt(levels, 0);
    const projected = joinHeads(config, projectQueries(weights, config, queries));
    const rows = levels.map((level) => {
      const { keys, values } = projectEntries(weights, config, level);
      return { keys: joinHeads(config, keys), values: joinHeads(config, values) };
    });
    const contexts = attendBands(projected, rows, bandsOf(config, queries.shape[1])); // [B H, T, D/H]
    const byHead = tf.reshape(contexts, [-1, config.heads, queries.shape[1], config.depth / config.heads]);
    return outputBlock(weights, config, queries, tf.transpose(byHead, [0, 2, 1, 3]));
  });
}

function readFrom(weights: Weights, config: MemoryConfig, levels: readonly tf.Tensor3D[], from: number): tf.Tensor3D {
  if (config.cold !== undefined) return readWithLeaves(weights, config, levels, from);
  const all = readLevels(weights, config, levels);
  return from === 0 ? all : tf.slice(all, [0, from, 0], [-1, -1, -1]);
}

/** `[B, n, D]` to `[B H, n, D/H]`. */
function joinHeads(config: MemoryConfig, x: tf.Tensor3D): tf.Tensor3D {
  return tf.reshape(splitHeads(config, x), [-1, x.shape[1], config.depth / config.heads]);
}

type ParallelRead = {
  /** `[B, T, D]`, of the vectors from number `from` on. */ readonly outputs: tf.Tensor3D;
  /** See `buildLevels`; what `entriesAt` takes. */ readonly levels: tf.Tensor3D[];
};

/** Builds all nodes over `vectors`, of shape `[B, T, D]`, and reads at every time, or with each from number `from` on. */
export function readParallel(weights: Weights, config: MemoryConfig, vectors: tf.Tensor3D, from = 0): ParallelRead {
  return tf.tidy(() => {
    const levels = buildLevels(weights, config, vectors);
    const outputs = readFrom(weights, config, levels, from);
    const channel = channelOf(config);
    if (channel === undefined) return { outputs, levels };
    const nothing = noAssociations(channel, vectors.shape[0]);
    return { outputs: tf.add(outputs, associate(weights, channel, vectors, nothing, from).outputs), levels };
  });
}

type EntriesAt = {
  /** `[B, E, D]`: row b holds its live entries oldest first, then copies of some row up to the longest. */
  readonly entries: tf.Tensor3D;
  /** `[B, E]`: 0 (with `tokenCountBias` the log-mass) on an entry, -1e9 on filling and on entries of the time before `starts`. */
  readonly bias: tf.Tensor2D;
  /** The entries of each sequence. */
  readonly live: readonly (readonly Entry[])[];
};

/**
 * The live entries of sequence b after its first `counts[b]` vectors, as the streaming form holds them then: what an
 * attention decoder reads at the end of an utterance. `levels` are those of `buildLevels`; `starts[b]` is the first vector that
 * may be seen of sequence b, 0 unless told: an entry that stands for vectors on both sides of it is seen.
 */
export function entriesAt(
  config: MemoryConfig,
  levels: readonly tf.Tensor3D[],
  counts: readonly number[],
  starts: readonly number[] = counts.map(() => 0),
): EntriesAt {
  const [batch, length] = levels[0]?.shape ?? [0, 0];
  assertInteger('counts.length', counts.length, batch, batch);
  for (const [index, count] of counts.entries()) assertInteger(`counts[${index}]`, count, 1, length);
  assertInteger('starts.length', starts.length, batch, batch);
  for (const [index, start] of starts.entries()) assertInteger(`starts[${index}]`, start, 0, (counts[index] ?? 1) - 1);

  const live = counts.map((count) => liveEntries(config, count));
  const longest = Math.max(...live.map((entries) => entries.length));
  const firstRows: number[] = []; // of each level among all rows of one sequence
  let total = 0;
  for (const [level, slots] of levels.entries()) {
    firstRows[level] = total;
    total += slots.shape[1];
  }
  const rows = new Int32Array(batch * longest);
  const bias = new Float32Array(batch * longest).fill(MASKED);
  for (const [sequence, entries] of live.entries()) {
    for (const [index, { level, row, span }] of entries.entries()) {
      rows[sequence * longest + index] = sequence * total + firstRows[level]! + row;
      if (span.end > (starts[sequence] ?? 0)) bias[sequence * longest + index] = entryBias(config, level);
    }
  }
  return tf.tidy(() => {
    const all = tf.reshape(tf.concat([...levels], 1), [batch * total, config.depth]);
    const entries = tf.gather(all, tf.tensor1d(rows, 'int32'));
    return {
      entries: tf.reshape<tf.Rank.R3>(entries, [batch, longest, -1]),
      bias: tf.tensor2d(bias, [batch, longest]),
      live,
    };
  });
}
