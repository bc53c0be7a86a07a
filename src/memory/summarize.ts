/**
 * Summarise: the one operation that builds every node of the memory. m latent queries attend over the slots of the
 * children, with an identity value path, so that an untrained node is an attention-weighted mean of its children:
 *
 *   logit[h, j, i] = q[j, h] . K[i, h] / sqrt(D/H) + b[h, j, i],   K = rms(S) W_k
 *   slot[j] = mlp(concat_h sum_i softmax_i(logit[h, j])[i] V[i, h]),   V = S + rms(S) W_v
 *
 * after the latent queries of Lee et al., "Set Transformer", 2019, section 3.2 (pooling by multi-head attention),
 * https://arxiv.org/abs/1810.00825. Weights are shared by all levels; only the bias tables b of leaves and of inner
 * nodes differ, for they count different children.
 *
 * With `strongest` s the softmax of a slot is over its s largest logits alone: what is pooled many times over many levels is otherwise
 * diluted by a little of everything. And with `refined: 'leaves'` inner nodes have V = S and no mlp: what was summarized once is handed up as
 * it is, where maps that are applied again on every level would carry it away from what was seen in training.
 *
 * Shapes: N nodes, F slots of the children (c vectors, or k m slots), D depth, H heads, m slots.
 */
import * as tf from '@tensorflow/tfjs-core';

import { HIDDEN } from '../attention/hidden.ts';
import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import type { MemoryConfig } from './config.ts';
import { meanSlots } from './mean-slots.ts';
import { projectEntries } from './read.ts';
import { residualMlp, initResidualMlp } from '../encoder/residual-mlp.ts';
import { rmsNorm } from '../encoder/rms-norm.ts';

/** Which bias table: a leaf's children are c vectors, an inner node's are the k m slots of k nodes. */
export type NodeKind = 'leaf' | 'inner';

export type SummarizeInputs = {
  /** `[N, F, D]`, oldest child first. */ readonly children: tf.Tensor3D;
  /** `[N, F]`: vectors a child slot stands for; 0 hides it. */ readonly tokenCounts: tf.Tensor2D;
};

export type Summary = {
  /** `[N, m, D]` */ readonly slots: tf.Tensor3D;
  /** `[N, m, F]`, mean over the heads; rows sum to 1. */ readonly pooling: tf.Tensor3D;
};

export type SummarizeOutputs = Summary & {
  /** `[N, m, D]`: the read's keys of the slots. */ readonly keys: tf.Tensor3D;
  /** `[N, m, D]`: the read's values of the slots. */ readonly values: tf.Tensor3D;
};

/** F: child slots of one node of `kind`. */
export function childSlots(config: MemoryConfig, kind: NodeKind): number {
  return kind === 'leaf' ? config.leafFanIn : config.fanIn * config.slots;
}

/** The cell: a summary, and what reads need of it. Throws `tensor/shape` where inputs do not fit `kind`. */
export function summarize(
  weights: Weights,
  config: MemoryConfig,
  inputs: SummarizeInputs,
  kind: NodeKind,
): SummarizeOutputs {
  return tf.tidy(() => {
    const summary = summarizeUnread(weights, config, inputs, kind);
    return { ...summary, ...projectEntries(weights, config, summary.slots) };
  });
}

/** A summary that no read attends to: a decoder alone, by keys of its own. Throws as `summarize`. */
export function summarizeUnread(
  weights: Weights,
  config: MemoryConfig,
  { children, tokenCounts }: SummarizeInputs,
  kind: NodeKind,
): Summary {
  assertShape('children', children, [null, childSlots(config, kind), config.depth]);
  assertShape('tokenCounts', tokenCounts, [children.shape[0], childSlots(config, kind)]);
  return tf.tidy(() => {
    if (config.summary === 'mean') return meanSlots(config, children, tokenCounts);
    const { slots, pooling } = pool(weights, config, children, kind, maskOf(tokenCounts));
    return { slots, pooling: tf.mean<tf.Tensor3D>(pooling, 1) };
  });
}

/** The slots `[N, m, D]` of nodes whose `children`, of shape `[N, F, D]`, are all there: the training form. */
export function summarizeSlots(
  weights: Weights,
  config: MemoryConfig,
  children: tf.Tensor3D,
  kind: NodeKind,
): tf.Tensor3D {
  if (config.summary === 'mean') return tf.tidy(() => meanSlots(config, children).slots);
  return tf.tidy(() => pool(weights, config, children, kind).slots);
}

function pool(
  weights: Weights,
  { depth, heads, slots, strongest, refined }: MemoryConfig,
  children: tf.Tensor3D,
  kind: NodeKind,
  mask?: tf.Tensor4D,
): { slots: tf.Tensor3D; pooling: tf.Tensor4D } {
  const fanIn = children.shape[1];
  const rows = tf.reshape<tf.Rank.R2>(children, [-1, depth]); //                                     [N F, D]
  const normalized = rmsNorm(rows);

  const logits = tf.matMul(normalized, latentKeys(weights, { depth, heads, slots })); //              [N F, H m]
  const byHead = tf.transpose(tf.reshape(logits, [-1, fanIn, heads, slots]), [0, 2, 3, 1]); //        [N, H, m, F]
  const biased = tf.add<tf.Tensor4D>(byHead, weight(weights, `memory.summarize.bias.${kind}`));
  const present = mask === undefined ? biased : tf.add<tf.Tensor4D>(biased, mask);
  const pooling = tf.softmax<tf.Tensor4D>(strongest === undefined ? present : strongestOf(present, strongest));

  const isRefined = kind === 'leaf' || refined !== 'leaves';
  const values = isRefined ? tf.add(rows, tf.matMul(normalized, weight(weights, 'memory.summarize.value'))) : rows;
  const valuesByHead = tf.transpose(tf.reshape(values, [-1, fanIn, heads, depth / heads]), [0, 2, 1, 3]);
  const pooled = tf.transpose(tf.matMul(pooling, valuesByHead), [0, 2, 1, 3]); //                    [N, m, H, D/H]
  const joined = tf.reshape<tf.Rank.R2>(pooled, [-1, depth]);
  const summaries = isRefined ? residualMlp(weights, 'memory.summarize.mlp', joined) : joined;
  return { slots: tf.reshape(summaries, [-1, slots, depth]), pooling };
}

/** `logits` along the last axis, all but the `count` largest (and what equals the least of them) hidden. */
function strongestOf(logits: tf.Tensor4D, count: number): tf.Tensor4D {
  if (count >= logits.shape[3]) return logits;
  let least = tf.max(logits, -1, true);
  for (let taken = 1; taken < count; taken++) {
    const isTaken = tf.cast(tf.greaterEqual(logits, least), 'float32');
    least = tf.max(tf.add(logits, tf.mul(isTaken, HIDDEN)), -1, true);
  }
  return tf.add(logits, tf.mul(tf.sub(1, tf.cast(tf.greaterEqual(logits, least), 'float32')), HIDDEN));
}

/**
 * `[D, H m]` with column (h, j) = W_k[:, h] q[j, h] / sqrt(D/H). The queries are weights, so q . (rms(S) W_k) is one
 * product with a small matrix, where projecting the children first would cost D/(H m) times as much.
 */
function latentKeys(
  weights: Weights,
  { depth, heads, slots }: Pick<MemoryConfig, 'depth' | 'heads' | 'slots'>,
): tf.Tensor2D {
  const keys = tf.reshape(weight(weights, 'memory.summarize.key'), [depth, heads, depth / heads]);
  const queries = tf.reshape(weight(weights, 'memory.summarize.queries'), [slots, heads, depth / heads]);
  const scaled = tf.mul(queries, Math.sqrt(heads / depth));
  const products = tf.matMul(tf.transpose(keys, [1, 0, 2]), tf.transpose(scaled, [1, 2, 0])); //      [H, D, m]
  return tf.reshape(tf.transpose(products, [1, 0, 2]), [depth, heads * slots]);
}

/** `[N, 1, 1, F]`: 0 where `tokenCounts` is positive (a slot's is at least 1/m), -1e9 where it is 0. */
function maskOf(tokenCounts: tf.Tensor2D): tf.Tensor4D {
  const absent = tf.relu(tf.sub(1, tf.mul(tokenCounts, 1e6)));
  return tf.reshape(tf.mul(absent, -1e9), [-1, 1, 1, tokenCounts.shape[1]]);
}

/** First weights: latent queries N(0, 1), identity value path, identity MLP, no preference among a leaf's children. */
export function initSummarize(config: MemoryConfig, random: Random): Record<string, HostArray> {
  if (config.summary === 'mean') return {};
  const { depth, heads, slots } = config;
  const zeros = (...shape: number[]): HostArray => normalArray(random, shape, 0);
  return {
    'memory.summarize.queries': normalArray(random, [slots, depth], 1),
    'memory.summarize.key': normalArray(random, [depth, depth], 1 / Math.sqrt(depth)),
    'memory.summarize.value': zeros(depth, depth),
    'memory.summarize.bias.leaf': zeros(heads, slots, childSlots(config, 'leaf')),
    'memory.summarize.bias.inner': normalArray(random, [heads, slots, childSlots(config, 'inner')], 0.1),
    ...initResidualMlp('memory.summarize.mlp', depth, 0, random),
  };
}
