/**
 * One softmax over several levels, each read through its band, with its gradient written out: the logits of all queries
 * at all entries would be mostly masked, and the tape would keep and pass over them many times.
 *
 *   P_l = exp(Q_l K_l^T + bias_l - max),   context = sum_l P_l V_l / sum_l P_l 1
 *
 * and backwards, with g = d context / sum_l P_l 1 and delta = g . context for each query:
 *
 *   dV_l = P_l^T g,   dS_l = P_l * (g V_l^T - delta),   dQ_l = dS_l K_l,   dK_l = dS_l^T Q_l
 *
 * as in Dao et al., 2022, appendix B.2, https://arxiv.org/abs/2205.14135.
 *
 * Shapes: R rows (sequences times heads), T queries, d depth of a head; J, b, W blocks, queries and width of a band.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { MemoryConfig } from './config.ts';
import { nodeCounts, fanInOf, liveNodes, nodeTokenCount, type Span } from './schedule.ts';
import { entryBias, MASKED, slotsOf } from './state.ts';
import { customGradArguments, ofRank4, pair, tensorAt } from '../cell/typed-tensors.ts';

/** Rows of one level, by head. */
type LevelRows = {
  /** `[R, n, d]` */ readonly keys: tf.Tensor3D;
  /** `[R, n, d]` */ readonly values: tf.Tensor3D;
};

/** The contexts `[R, T, d]` of `queries`, of shape `[R, T, d]` and scaled already; `bands[l]` belongs to `levels[l]`. */
export function attendBands(queries: tf.Tensor3D, levels: readonly LevelRows[], bands: readonly Band[]): tf.Tensor3D {
  return tf.tidy(() => {
    const length = queries.shape[1];
    const inputs = levels.flatMap(({ keys, values }, level) => {
      const band = bands[level]!; // one for each level
      return [inBlocks(queries, band), inBands(keys, band), inBands(values, band)];
    });
    return attend(inputs, bands, length);
  });
}

/** `[R, T, x]` to `[R, J, b, x]`, zeros past T. */
function inBlocks(x: tf.Tensor3D, { blocks, queries }: Band): tf.Tensor4D {
  const missing = blocks * queries - x.shape[1];
  const padded = missing === 0 ? x : tf.pad(x, [[0, 0], [0, missing], [0, 0]]); // biome-ignore format: pairs
  return tf.reshape(padded, [-1, blocks, queries, x.shape[2]]);
}

/** `[R, J, b, x]` to `[R, T, x]`. */
function fromBlocks(x: tf.Tensor, length: number): tf.Tensor3D {
  const [rows = 0, blocks = 0, queries = 0, size = 0] = x.shape;
  const joined = tf.reshape<tf.Rank.R3>(x, [rows, blocks * queries, size]);
  return blocks * queries === length ? joined : tf.slice(joined, [0, 0, 0], [-1, length, -1]);
}

/** `[R, n, d]` to `[R, J, W, d]`: overlapping stretches, as shifted copies side by side. */
function inBands(x: tf.Tensor3D, { blocks, step, front, width }: Band): tf.Tensor4D {
  const [rows, count, depth] = x.shape;
  if (blocks === 1 && front === 0 && width === count) return tf.reshape(x, [rows, 1, width, depth]);
  const shifts = width / step;
  const needed = (blocks + shifts - 1) * step;
  const cut = tf.slice(
    x,
    [0, Math.max(0, -front), 0],
    [-1, Math.min(count + Math.min(0, front), needed - Math.max(0, front)), -1],
  );
  const before = Math.max(0, front);
  const padded = tf.pad(cut, [[0, 0], [before, needed - before - cut.shape[1]], [0, 0]]); // biome-ignore format: pairs
  const steps = tf.reshape<tf.Rank.R4>(padded, [rows, blocks + shifts - 1, step, depth]);
  const copies = Array.from({ length: shifts }, (_, shift) => tf.slice(steps, [0, shift, 0, 0], [-1, blocks, -1, -1]));
  return tf.concat(copies, 2);
}

/** `inputs` are queries, keys and values of level 0, of level 1, ... */
function attend(inputs: tf.Tensor4D[], bands: readonly Band[], length: number): tf.Tensor3D {
  const forward = (...given: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const { save } = customGradArguments(given);
    const scores = bands.map(({ blocks, queries, width, bias }, level) => {
      const [queryRows, keys] = levelInputs(inputs, level);
      return tf.add<tf.Tensor4D>(tf.matMul(queryRows, keys, false, true), tf.tensor3d(bias, [blocks, queries, width]));
    });
    const peaks = scores.map((score) => fromBlocks(tf.max(score, -1, true), length));
    const peak = peaks.reduce((highest, each) => tf.maximum(highest, each)); // [R, T, 1]
    const weights = scores.map((score, level) => tf.exp(tf.sub<tf.Tensor4D>(score, inBlocks(peak, bands[level]!))));
    const total = tf.addN(weights.map((each) => fromBlocks(tf.sum(each, -1, true), length)));
    const pooled = weights.map((each, level) => fromBlocks(tf.matMul(each, levelInputs(inputs, level)[2]), length));
    const context = tf.div<tf.Tensor3D>(tf.addN(pooled), total);
    save([...inputs, ...weights, total, context]);
    return { value: context, gradFunc: (slope: tf.Tensor, saved: tf.Tensor[]) => backward(slope, saved, bands) };
  };
  return tf.customGrad(forward)(...inputs);
}

/** The tensors of one level, as `attendBands` lays them out. */
function levelInputs(inputs: readonly tf.Tensor[], level: number): [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D] {
  const input = (place: number): tf.Tensor4D => ofRank4(tensorAt(inputs, 3 * level + place));
  return [input(0), input(1), input(2)];
}

function backward(slope: tf.Tensor, saved: readonly tf.Tensor[], bands: readonly Band[]): tf.Tensor[] {
  const [total, context] = pair(saved.slice(-2)); // after the inputs and a weight of each band
  const share = tf.div<tf.Tensor3D>(slope, total); // g
  const delta = tf.sum<tf.Tensor3D>(tf.mul(share, context), -1, true);
  return bands.flatMap((band, level) => {
    const [queryRows, keys, values] = levelInputs(saved, level);
    const weight = ofRank4(tensorAt(saved, 3 * bands.length + level));
    const shares = inBlocks(share, band);
    const scoreSlope = tf.mul<tf.Tensor4D>(
      weight,
      tf.sub(tf.matMul(shares, values, false, true), inBlocks(delta, band)),
    );
    return [
      tf.matMul(scoreSlope, keys),
      tf.matMul(scoreSlope, queryRows, true, false),
      tf.matMul(weight, shares, true, false),
    ];
  });
}

/**
 * How the queries of a whole sequence read one level: b queries at a time, block i seeing rows `[i step - front,
 * i step - front + width)` of the level. What is live moves on by as many nodes a block as pass while b queries do, so
 * one shape serves all blocks, and `bias` hides what a query does not see.
 */
type Band = {
  /** J: blocks; the last may reach past the sequence. */ readonly blocks: number;
  /** b: queries of a block. */ readonly queries: number;
  /** Rows from one block's first row to the next block's. */ readonly step: number;
  /** Rows that block 0 sees before the level's first row; negative where it skips some. */ readonly front: number;
  /** Rows a block sees, a multiple of `step`. */ readonly width: number;
  /** `[J, b, width]`, to be added to the logits. */ readonly bias: Float32Array;
};

/** The band of every level over `length` vectors, level 0 first. */
export function bandsOf(config: MemoryConfig, length: number): Band[] {
  const live = Array.from({ length }, (_, query) => liveNodes(config, query + 1));
  return nodeCounts(config, length).map((nodes, level) => {
    const spans = live.map((levels) => levels[level] ?? { start: 0, end: 0 });
    const reserve = level === 0 ? config.window : config.merging === 'eager' ? 0 : config.fanIn;
    const nodesPerBlock = Math.ceil((reserve + fanInOf(config, level) - 1) / 2);
    const band = bandOf(spans, nodesPerBlock, nodesPerBlock * nodeTokenCount(config, level));
    const whole = { blocks: 1, queries: length, step: nodes, front: 0, width: nodes };
    const pays = 2 * band.width <= nodes; // else the copies cost what the masked logits would
    return withBias(config, level, spans, pays ? band : whole);
  });
}

type NodeBand = Omit<Band, 'bias'>; // with nodes for rows

/** `spans[i]` are the live nodes at query i; each block of `queries` queries moves on by `step` nodes. */
function bandOf(spans: readonly Span[], step: number, queries: number): NodeBand {
  const blocks = Math.ceil(spans.length / queries);
  let lowest = Infinity;
  let highest = -Infinity;
  for (const [query, { start, end }] of spans.entries()) {
    if (start === end) continue;
    const origin = Math.floor(query / queries) * step;
    lowest = Math.min(lowest, start - origin);
    highest = Math.max(highest, end - origin);
  }
  return { blocks, queries, step, front: -lowest, width: Math.ceil((highest - lowest) / step) * step };
}

/** The bands in rows in place of nodes, with the mask. */
function withBias(config: MemoryConfig, level: number, spans: readonly Span[], band: NodeBand): Band {
  const { blocks, queries, step, front, width } = band;
  const slots = slotsOf(config, level);
  const bias = new Float32Array(blocks * queries * width * slots).fill(MASKED);
  for (const [query, { start, end }] of spans.entries()) {
    const shift = front - Math.floor(query / queries) * step;
    const row = query * width;
    bias.fill(entryBias(config, level), (row + start + shift) * slots, (row + end + shift) * slots);
  }
  return { blocks, queries, step: step * slots, front: front * slots, width: width * slots, bias };
}
