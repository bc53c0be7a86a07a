/** The heads that are one layer above what was read: labels at every vector or at the end, and numbers. */
import * as tf from '@tensorflow/tfjs-core';

import { type Weights, weight } from '../cell/cell.ts';
import { tensor1, tensor2 } from '../cell/typed-tensors.ts';
import { rmsNorm } from '../encoder/rms-norm.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';

/**
 * Scores of the labels of `answers`, `[n, L]`, by what was read, `[n, D]`. Tied, they are inner products with the embeddings `[A, X]` of the last L
 * symbols of the source, after Press and Wolf, 2017, https://arxiv.org/abs/1608.05859.
 */
export function answerLogits(weights: Weights, reads: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const normalized = rmsNorm(reads);
    if (!(TIE in weights)) return tf.matMul(normalized, weight(weights, 'answers.kernel'));
    const embeddings = tensor2(weights, 'source.embedding');
    const bias = tensor1(weights, 'answers.bias');
    const labelCount = bias.shape[0];
    const labels = tf.slice(embeddings, [embeddings.shape[0] - labelCount, 0], [labelCount, -1]);
    const sought = tf.matMul<tf.Tensor2D>(normalized, weight(weights, TIE)); // [n, X]
    return tf.add<tf.Tensor2D>(tf.matMul(sought, labels, false, true), bias);
  });
}

const TIE = 'answers.tie';

/** First weights; `embedding` is X where labels are tied to symbols. */
export function initAnswers(
  depth: number,
  labelCount: number,
  embedding: number | undefined,
  random: Random,
): Record<string, HostArray> {
  const scale = 1 / Math.sqrt(depth);
  if (embedding === undefined) return { 'answers.kernel': normalArray(random, [depth, labelCount], scale) };
  return {
    [TIE]: normalArray(random, [depth, embedding], scale / Math.sqrt(embedding)),
    'answers.bias': { shape: [labelCount], data: new Float32Array(labelCount) },
  };
}

/** Scores of labels, or numbers: `[n, D]` to `[n, L]`. */
export function endOutputs(weights: Weights, head: 'classifier' | 'regression', reads: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() =>
    tf.add<tf.Tensor2D>(tf.matMul(reads, tensor2(weights, `${head}.kernel`)), weight(weights, `${head}.bias`)),
  );
}

export function initEndHead(
  head: 'classifier' | 'regression',
  depth: number,
  outputs: number,
  random: Random,
): Record<string, HostArray> {
  return {
    [`${head}.kernel`]: normalArray(random, [depth, outputs], 1 / Math.sqrt(depth)),
    [`${head}.bias`]: { shape: [outputs], data: new Float32Array(outputs) },
  };
}
