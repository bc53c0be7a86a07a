/**
 * Leaves found by descent: a learned walk down the tree of summaries, for whole sequences. A cold store keeps the keys of all nodes for it,
 * also of those that were merged away. On each level, from the highest on, the children of the nodes that were kept above and the live roots
 * compete, and the B best of each head are kept; nodes of different levels never compete, for their scores say nothing of each other:
 *
 *   score[h, q, n] = logsumexp_j q_h . k_{n, j, h}         over the slots j of node n, keys and queries those of the read
 *
 * Of the leaves below the nodes of level 1 that are kept a head reads its K nearest. To read a leaf teaches nothing of the nodes that led
 * elsewhere; so the walk learns from a dense target, the full attention's mass p of each subtree, through which no gradient flows:
 *
 *   divergence[q] = mean_h sum_l C_l KL(p_n / C_l || softmax_n score[h, q, n])      n over all nodes of level l, C_l = sum_n p_n
 *
 * after Feng et al., 2023, "Tree Cross Attention", https://arxiv.org/abs/2309.17388, who learn the walk by reinforcement. `naive-descent.ts` is
 * its definition; streams go the same way (`streamed-descent.ts`).
 *
 * Shapes: B sequences, T vectors, Q queries, n nodes of a level, m slots, S leaves, D depth, H heads, d = D / H.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { ofRank4, tensorAt } from '../cell/typed-tensors.ts';
import type { MemoryConfig } from './config.ts';
import { keptNodes, leavesAt } from './kept-leaves.ts';
import { projectEntries, projectQueries, splitHeads } from './read.ts';
import { liveNodes, nodeCounts, nodeTokenCount, type Span } from './schedule.ts';
import { MASKED } from './state.ts';
import { withoutGradient } from './without-gradient.ts';

/** Share of the divergence in a loss. */
export const DESCENT_SHARE = 0.3;

export type DescentInputs = {
  /** `[B, Q, D]`: the vectors from number `from` on. */ readonly queries: tf.Tensor3D;
  /** Keys of all rows of each level, `[B, T, D]` of vectors and `[B, n m, D]` of nodes. */ readonly keys: readonly tf.Tensor3D[];
  readonly from: number;
};

/**
 * The bias `[B, Q, S]` that uncovers the leaves which each query finds; `leaves`, of shape `[1, Q, S]`, is 0 on those that are there for it, and
 * masked on others.
 */
export function descendedBias(
  weights: Weights,
  config: MemoryConfig,
  { queries, keys, from }: DescentInputs,
  leaves: tf.Tensor3D,
): tf.Tensor3D {
  const { nearest = 0, descent } = config.cold ?? {};
  const beam = descent?.beam ?? 0;
  const [, length] = tensorAt(keys, 0).shape;
  const count = leaves.shape[2];
  if (count <= nearest && (nodeCounts(config, length)[1] ?? 0) <= beam) return leaves;
  return tf.tidy(() => {
    const byHead = [projectQueries(weights, config, queries), ...keys].map((rows) => splitHeads(config, rows));
    return withoutGradient(byHead, (own) => {
      const [sought, vectors, ...levels] = own.map(ofRank4) as [tf.Tensor4D, tf.Tensor4D, ...tf.Tensor4D[]]; // as given
      let kept: tf.Tensor4D | undefined;
      for (const [index, rows] of [...levels.entries()].toReversed()) {
        const level = index + 1;
        const nodes = rows.shape[2] / config.slots;
        const sizes = { level, nodes, length, from };
        const roots = seenNodes(config, sizes, liveNodes);
        const below = kept === undefined ? roots : tf.maximum(roots, childrenOf(kept, config.fanIn, nodes));
        const candidates = tf.mul<tf.Tensor4D>(below, seenNodes(config, sizes, arrivedNodes));
        kept = best(nodeScores(config, sought, rows), candidates, beam);
      }
      const there = tf.expandDims(tf.cast(tf.greaterEqual(leaves, 0), 'float32'), 1);
      if (kept === undefined) return leaves;
      const reached = tf.mul<tf.Tensor4D>(childrenOf(kept, config.leafFanIn, count), there);
      const leafKeys = tf.slice(vectors, [0, 0, 0, 0], [-1, -1, count, -1]);
      const found = tf.max<tf.Tensor3D>(best(tf.matMul(sought, leafKeys, false, true), reached, nearest), 1);
      return tf.mul<tf.Tensor3D>(tf.sub(1, found), MASKED);
    });
  });
}

/** How far the walk's scores are from the full attention, `[B, Q]`: what training adds to a loss; see above. Undefined where no node is. */
export function descentDivergence(
  weights: Weights,
  config: MemoryConfig,
  levels: readonly tf.Tensor3D[],
  from: number,
): tf.Tensor2D | undefined {
  if (levels.length < 2) return undefined;
  return tf.tidy(() => {
    const all = tensorAt(levels, 0);
    const length = all.shape[1];
    const queries = tf.slice(all, [0, from, 0], [-1, length - from, -1]);
    const sought = splitHeads(config, projectQueries(weights, config, queries));
    const [vectors, ...nodes] = levels.map((rows) => splitHeads(config, projectEntries(weights, config, rows).keys));
    const mass = withoutGradient([sought, vectors!], ([own, keys]) => {
      const logits = tf.matMul(ofRank4(own!), ofRank4(keys!), false, true); // those that were given
      return tf.softmax(tf.add(logits, pastBias(config, length, from))); //                          [B, H, Q, T]
    });
    const each = nodes.map((rows, index) => {
      const size = { level: index + 1, nodes: rows.shape[2] / config.slots, length, from };
      return levelDivergence(config, mass, nodeScores(config, sought, rows), size);
    });
    return tf.mean<tf.Tensor2D>(tf.addN(each), 1);
  });
}

/** C KL(p / C || softmax of `scores`) of one level, `[B, H, Q]`. */
function levelDivergence(config: MemoryConfig, mass: tf.Tensor, scores: tf.Tensor4D, level: LevelSizes): tf.Tensor3D {
  const seen = seenNodes(config, level, (sizes, count) => nodeCounts(sizes, count).map((end) => ({ start: 0, end })));
  const target = withoutGradient([mass], ([given]) => {
    const [batch, heads, queries] = ofRank4(given!).shape; // the one that was given
    const vectors = nodeTokenCount(config, level.level);
    const covered = tf.slice(ofRank4(given!), [0, 0, 0, 0], [-1, -1, -1, level.nodes * vectors]);
    return tf.mul(tf.sum(tf.reshape(covered, [batch, heads, queries, level.nodes, vectors]), -1), seen);
  });
  const given = tf.logSoftmax(tf.add(scores, tf.mul(tf.sub(1, seen), MASKED)));
  const entropy = withoutGradient([target], ([own]) => {
    const share = tf.div(own!, tf.add(tf.sum(own!, -1, true), TINY)); // the one that was given
    return tf.mul(own!, tf.log(tf.add(share, TINY)));
  });
  return tf.sum<tf.Tensor3D>(tf.sub(entropy, tf.mul(target, given)), -1);
}

/** So that nothing is divided by 0. */
const TINY = 1e-20;

/** Scores of the nodes of a level, `[B, H, Q, n]`: `sought` is `[B, H, Q, d]`, `rows` `[B, H, n m, d]`. */
function nodeScores({ slots }: MemoryConfig, sought: tf.Tensor4D, rows: tf.Tensor4D): tf.Tensor4D {
  const logits: tf.Tensor4D = tf.matMul(sought, rows, false, true);
  if (slots === 1) return logits;
  const [batch, heads, queries, count] = logits.shape;
  return tf.logSumExp<tf.Tensor4D>(tf.reshape(logits, [batch, heads, queries, count / slots, slots]), -1);
}

/** Of each row of `among`, which is 1 or 0, the `count` that have the largest scores. */
function best(scores: tf.Tensor4D, among: tf.Tensor4D, count: number): tf.Tensor4D {
  if (scores.shape[3] <= count) return among;
  const masked = tf.add<tf.Tensor4D>(scores, tf.mul(tf.sub(1, among), MASKED));
  const least = tf.slice(tf.topk(masked, count).values, [0, 0, 0, count - 1], [-1, -1, -1, 1]);
  return tf.mul<tf.Tensor4D>(among, tf.cast(tf.greaterEqual(masked, least), 'float32'));
}

/** 1 on the children of nodes that are `kept`, `[B, H, Q, n]`, of which each has `fanIn`: `[B, H, Q, count]`. */
function childrenOf(kept: tf.Tensor4D, fanIn: number, count: number): tf.Tensor4D {
  const [batch, heads, queries, nodes] = kept.shape;
  const each = tf.tile(tf.expandDims(kept, -1), [1, 1, 1, 1, fanIn]);
  const children = tf.reshape<tf.Rank.R4>(each, [batch, heads, queries, nodes * fanIn]);
  return tf.pad(children, [[0, 0], [0, 0], [0, 0], [0, count - nodes * fanIn]]); // biome-ignore format: pairs
}

type LevelSizes = {
  readonly level: number;
  readonly nodes: number;
  readonly length: number;
  readonly from: number;
};

/** `[1, 1, Q, n]`: 1 on those of the nodes that `spansAt` says, at each query, under which a leaf is kept. */
function seenNodes(
  config: MemoryConfig,
  { level, nodes, length, from }: LevelSizes,
  spansAt: (config: MemoryConfig, count: number) => readonly Span[],
): tf.Tensor4D {
  const seen = new Float32Array((length - from) * nodes);
  for (let query = from; query < length; query++) {
    const span = spansAt(config, query + 1)[level] ?? { start: 0, end: 0 };
    const { start, end } = keptNodes(config, level, leavesAt(config, query + 1).start, span);
    const row = (query - from) * nodes;
    if (start < end) seen.fill(1, row + start, row + end);
  }
  return tf.tensor4d(seen, [1, 1, length - from, nodes]);
}

/** All nodes of every level that there were after `count` vectors. */
function arrivedNodes(config: MemoryConfig, count: number): Span[] {
  return nodeCounts(config, count).map((end) => ({ start: 0, end }));
}

/** `[1, 1, Q, T]`: 0 on the vectors that are in the window of each query, or kept as leaves; masked on others. */
function pastBias(config: MemoryConfig, length: number, from: number): tf.Tensor4D {
  const bias = new Float32Array((length - from) * length).fill(MASKED);
  for (let query = from; query < length; query++) {
    const row = (query - from) * length;
    bias.fill(0, row + leavesAt(config, query + 1).start, row + query + 1);
  }
  return tf.tensor4d(bias, [1, 1, length - from, length]);
}
