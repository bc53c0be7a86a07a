/** The heads that are one layer above what was read: labels at every vector or at the end, and numbers. */
import * as tf from '@tensorflow/tfjs-core';

import { type Weights, weight } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import { rmsNorm } from '../encoder/rms-norm.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';

/** Scores of the labels of `answers`, `[n, L]`, by what was read, `[n, D]`. */
export function answerLogits(weights: Weights, reads: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => tf.matMul(rmsNorm(reads), weight(weights, 'answers.kernel')));
}

export function initAnswers(depth: number, labelCount: number, random: Random): Record<string, HostArray> {
  return { 'answers.kernel': normalArray(random, [depth, labelCount], 1 / Math.sqrt(depth)) };
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
