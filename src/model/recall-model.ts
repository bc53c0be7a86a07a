/**
 * A model of token sequences that are asked about at their end: embedding, a causal encoder in which a vector sees its
 * predecessor (a fact and its marker must meet in one vector), the memory, one read, and a distribution over labels.
 *
 * Shapes: B sequences, T tokens, D depth, A tokens of the alphabet, L labels.
 */
import * as tf from '@tensorflow/tfjs-core';

import { entriesAt } from '../memory/entries-at.ts';
import { initMemory } from '../memory/init.ts';
import { buildLevels } from '../memory/parallel.ts';
import { projectEntries, read } from '../memory/read.ts';
import { initResidualMlp, residualMlp } from '../memory/residual-mlp.ts';
import { rmsNorm } from '../memory/rms-norm.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import type { Weights } from './cell.ts';
import type { RecallConfig } from './recall-config.ts';
import { weight } from './weight.ts';

/** Scores of the labels after the last of `tokens`, of shape `[B, T]`; gives `[B, L]`. */
export function recallLogits(weights: Weights, config: RecallConfig, tokens: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const [batch, length] = tokens.shape;
    const { memory } = config;
    const vectors = encodeTokens(weights, tokens);
    const levels = buildLevels(weights, memory, vectors);
    const { entries, bias } = entriesAt(memory, levels, new Array<number>(batch).fill(length));
    const queries = tf.slice(vectors, [0, length - 1, 0], [-1, 1, -1]);
    const asked = { queries, ...projectEntries(weights, memory, entries), bias: tf.expandDims<tf.Tensor3D>(bias, 1) };
    const answers = tf.reshape<tf.Rank.R2>(read(weights, memory, asked).outputs, [batch, memory.depth]);
    return labelLogits(weights, answers);
  });
}

/** `[B, T]` to `[B, T, D]`: a whole sequence, with zeros before the first token. */
export function encodeTokens(weights: Weights, tokens: tf.Tensor2D): tf.Tensor3D {
  return tf.tidy(() => {
    const before = tf.zeros<tf.Rank.R2>([tokens.shape[0], weight(weights, 'recall.embedding').shape[1] ?? 0]);
    return encodeTokensAfter(weights, tokens, before).vectors;
  });
}

export type EncodedTokens = {
  /** `[B, T, D]` */ readonly vectors: tf.Tensor3D;
  /** `[B, D]`: the last token's embedding. */ readonly before: tf.Tensor2D;
};

/** `[B, T]` to `[B, T, D]`: `mlp([e_t, e_(t-1)] W)`; `before`, of shape `[B, D]`, is e_0. */
export function encodeTokensAfter(weights: Weights, tokens: tf.Tensor2D, before: tf.Tensor2D): EncodedTokens {
  return tf.tidy(() => {
    const [batch, length] = tokens.shape;
    const table = weight(weights, 'recall.embedding'); // [A, D]
    const depth = table.shape[1] ?? 0;
    const embedded = tf.reshape<tf.Rank.R3>(tf.gather(table, tf.reshape(tokens, [-1])), [batch, length, depth]);
    const sequence = tf.concat([tf.expandDims<tf.Tensor3D>(before, 1), embedded], 1); //                  [B, T + 1, D]
    const previous = tf.slice(sequence, [0, 0, 0], [-1, length, -1]);
    const pairs = tf.reshape<tf.Rank.R2>(tf.concat([embedded, previous], 2), [-1, 2 * depth]);
    const joined = tf.matMul(pairs, weight(weights, 'recall.encoder.kernel'));
    const last = tf.slice(sequence, [0, length, 0], [-1, 1, -1]);
    return {
      vectors: tf.reshape(residualMlp(weights, 'recall.encoder.mlp', joined as tf.Tensor2D), [batch, length, depth]),
      before: tf.reshape<tf.Rank.R2>(last, [batch, depth]),
    };
  });
}

/** Scores of the labels, `[n, L]`, by what was read, `[n, D]`. */
export function labelLogits(weights: Weights, answers: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(rmsNorm(answers), weight(weights, 'recall.output')));
}

/** First weights by checkpoint name, `recall.*` and `memory.*`. */
export function initRecall(config: RecallConfig, random: Random): Record<string, HostArray> {
  const { alphabetSize, labelCount, memory } = config;
  const { depth } = memory;
  return {
    'recall.embedding': normalArray(random, [alphabetSize, depth], 1),
    'recall.encoder.kernel': normalArray(random, [2 * depth, depth], 1 / Math.sqrt(2 * depth)),
    ...initResidualMlp('recall.encoder.mlp', depth, 0.5 / Math.sqrt(2 * depth), random),
    ...initMemory(memory, random),
    'recall.output': normalArray(random, [depth, labelCount], 1 / Math.sqrt(depth)),
  };
}
