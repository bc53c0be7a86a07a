/**
 * What is remembered of whole sequences, for training, whichever kind a model's configuration names: the entries that a decoder attends to
 * when a sequence has ended, and what every vector reads in the memory of those up to itself.
 *
 * Shapes: B sequences, T vectors of the longest, D depth, E entries.
 */
import * as tf from '@tensorflow/tfjs-core';

import { HIDDEN, paddingBias } from '../attention/hidden.ts';
import type { Weights } from '../cell/cell.ts';
import { HearkenError } from '../errors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { associationsOf, recall } from './associative.ts';
import { channelOf } from './associative-sizes.ts';
import { initMemory } from './cells.ts';
import type { HierarchicalMemoryConfig, MemoryKindConfig } from './kinds.ts';
import { descentDivergence } from './descent.ts';
import { buildLevels, entriesAt, readParallel } from './parallel.ts';
import { leafBiasAtEnds, nearestBias } from './nearest-leaves.ts';
import { initRead, projectEntries, read, type ReadConfig } from './read.ts';
import { initSummarize } from './summarize.ts';

export type Sequences = {
  /** `[B, T, D]` */ readonly vectors: tf.Tensor3D;
  /** `[B, D]`: the encoder's last state. */ readonly final: tf.Tensor2D;
  /** Vectors of each row, 1 to T. */ readonly lengths: readonly number[];
  /** The first vector of each row that may be seen at its end; default 0. */ readonly starts?:
    | readonly number[]
    | undefined;
};

export type Remembered = {
  /** `[B, E, D]` */ readonly entries: tf.Tensor3D;
  /** `[B, E]`: 0 or a log-mass, -1e9 on entries that may not be seen. */ readonly bias: tf.Tensor2D;
  /** `[B, T - from, D]`: what every vector from number `from` on read, where that was asked for. */ readonly reads?: tf.Tensor3D;
  /** Vectors `[B, T, D]` of which `bias`, `[B, T]`, uncovers the leaves at the end of each row, where the memory has a cold store. */
  readonly leaves?: { readonly vectors: tf.Tensor3D; readonly bias: tf.Tensor2D };
  /** `[B, T - from]`: how far the walk to leaves is from full attention, where they are found by descent and vectors read (`descent.ts`). */
  readonly divergence?: tf.Tensor2D;
  /** The associative channel at the end of each row, and its write gate `[B, T]`, where the memory has one. */
  readonly associated?: ReturnType<typeof associationsOf>;
};

/** The memory at the end of each row; where `readsFrom` is given, every vector from that number on reads in it, too. */
export function remember(
  weights: Weights,
  config: MemoryKindConfig,
  sequences: Sequences,
  readsFrom: number | undefined,
): Remembered {
  const { vectors, final } = sequences;
  switch (config.kind) {
    case 'last': {
      const [batch] = final.shape;
      const entries = tf.expandDims<tf.Tensor3D>(final, 1);
      return {
        entries,
        bias: tf.zeros([batch, 1]),
        ...(readsFrom === undefined ? {} : { reads: fromNumber(vectors, readsFrom) }),
      };
    }
    case 'window':
    case 'full': {
      const reach = config.kind === 'window' ? config.window : undefined;
      const newest = newestEntries(sequences, reach);
      if (readsFrom === undefined) return newest;
      return { ...newest, reads: readBand(weights, readConfigOf(config, vectors), vectors, reach, readsFrom) };
    }
    case 'hierarchical':
      return rememberInTree(weights, config, sequences, readsFrom);
    default:
      return config satisfies never;
  }
}

function rememberInTree(
  weights: Weights,
  config: HierarchicalMemoryConfig,
  { vectors, lengths, starts }: Sequences,
  readsFrom: number | undefined,
): Remembered {
  const { outputs, levels } =
    readsFrom === undefined
      ? { outputs: undefined, levels: buildLevels(weights, config, vectors) }
      : readParallel(weights, config, vectors, readsFrom);
  const { entries, bias } = entriesAt(config, levels, lengths, starts);
  const channel = channelOf(config);
  const divergence =
    config.cold?.descent === undefined || readsFrom === undefined
      ? undefined
      : descentDivergence(weights, config, levels, readsFrom);
  return {
    entries,
    bias,
    ...(outputs === undefined ? {} : { reads: outputs }),
    ...(config.cold === undefined ? {} : { leaves: { vectors, bias: leafBiasAtEnds(config, vectors, lengths) } }),
    ...(divergence === undefined ? {} : { divergence }),
    ...(channel === undefined ? {} : { associated: associationsOf(weights, channel, vectors, lengths) }),
  };
}

/** `[B, T, D]` to `[B, T - from, D]`. */
function fromNumber(vectors: tf.Tensor3D, from: number): tf.Tensor3D {
  return from === 0 ? vectors : tf.slice(vectors, [0, from, 0], [-1, -1, -1]);
}

/** The newest `window` vectors of each row, or all. */
function newestEntries(
  { vectors, lengths, starts = lengths.map(() => 0) }: Sequences,
  window: number | undefined,
): Remembered {
  const [batch, length, depth] = vectors.shape;
  const isWhole = window === undefined || window >= length;
  if (isWhole && starts.every((start) => start === 0)) return { entries: vectors, bias: paddingBias(lengths, length) };
  const count = isWhole ? length : window;
  const rows = new Int32Array(batch * count);
  const bias = new Float32Array(batch * count).fill(HIDDEN);
  for (const [row, end] of lengths.entries()) {
    const first = isWhole ? 0 : Math.max(0, end - count);
    for (let entry = 0; entry < count; entry++) {
      const place = Math.min(first + entry, length - 1);
      rows[row * count + entry] = row * length + place;
      if (first + entry < end && place >= (starts[row] ?? 0)) bias[row * count + entry] = 0;
    }
  }
  const flat = tf.reshape<tf.Rank.R2>(vectors, [batch * length, depth]);
  const entries = tf.reshape<tf.Rank.R3>(tf.gather(flat, tf.tensor1d(rows, 'int32')), [batch, count, depth]);
  return { entries, bias: tf.tensor2d(bias, [batch, count]) };
}

/** Every vector from number `from` on reads itself and the `reach` - 1 before it, or all. */
function readBand(
  weights: Weights,
  config: ReadConfig,
  vectors: tf.Tensor3D,
  reach: number | undefined,
  from: number,
): tf.Tensor3D {
  const length = vectors.shape[1];
  const rows = length - from;
  const bias = new Float32Array(rows * length).fill(HIDDEN);
  for (let row = 0; row < rows; row++) {
    const query = from + row;
    const first = reach === undefined ? 0 : Math.max(0, query + 1 - reach);
    bias.fill(0, row * length + first, row * length + query + 1);
  }
  const given = { queries: fromNumber(vectors, from), ...projectEntries(weights, config, vectors) };
  return read(weights, config, { ...given, bias: tf.tensor3d(bias, [1, rows, length]) }).outputs;
}

/** One read of `final` at the end: `[B, D]`. A memory of one vector is its own read. Throws `memory/cold-store` where leaves are found by descent. */
export function readAtEnd(
  weights: Weights,
  config: MemoryKindConfig,
  final: tf.Tensor2D,
  { entries, bias, associated, leaves }: Remembered,
): tf.Tensor2D {
  if (config.kind === 'last') return final;
  const sizes = readConfigOf(config, entries);
  const queries = tf.expandDims<tf.Tensor3D>(final, 1);
  let given = { queries, ...projectEntries(weights, sizes, entries), bias: tf.expandDims<tf.Tensor3D>(bias, 1) };
  if (leaves !== undefined && config.kind === 'hierarchical') {
    if (config.cold?.descent !== undefined) {
      throw new HearkenError('memory/cold-store', 'Expected leaves that are found by descent to be read on the way');
    }
    const { keys, values } = projectEntries(weights, sizes, leaves.vectors);
    const nearest = nearestBias(weights, config, queries, keys, tf.expandDims<tf.Tensor3D>(leaves.bias, 1));
    given = {
      queries,
      keys: tf.concat([given.keys, keys], 1),
      values: tf.concat([given.values, values], 1),
      bias: tf.concat([given.bias, nearest], 2),
    };
  }
  const own = tf.reshape<tf.Rank.R2>(read(weights, sizes, given).outputs, [-1, sizes.depth]);
  const channel = config.kind === 'hierarchical' ? channelOf(config) : undefined;
  if (channel === undefined || associated === undefined) return own;
  const recalled = recall(weights, channel, queries, associated.state);
  return tf.add(own, tf.reshape(recalled, [-1, sizes.depth]));
}

function readConfigOf(config: Exclude<MemoryKindConfig, { readonly kind: 'last' }>, vectors: tf.Tensor3D): ReadConfig {
  return { depth: vectors.shape[2], heads: config.heads ?? 1 };
}

/** First weights of a memory of vectors of `depth`; `isRead` where a head reads in it. */
export function initMemoryKind(
  config: MemoryKindConfig,
  depth: number,
  isRead: boolean,
  random: Random,
): Record<string, HostArray> {
  if (config.kind === 'hierarchical' && isRead) return initMemory(config, random);
  if (config.kind === 'hierarchical') return initSummarize(config, random);
  if (config.kind === 'last' || !isRead) return {};
  return initRead({ depth, heads: config.heads ?? 1 }, random);
}
