import * as tf from '@tensorflow/tfjs-core';

import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';

/** What the weights of a CTC head begin with: `head` spells labels, `phones` phones. */
export type CtcHeadName = 'head' | 'phones';

/** A CTC head: unnormalised scores of blank (0) and labels at every vector, `[B, T, D]` -> `[B, T, L + 1]`. */
export function ctcLogits(weights: Weights, vectors: tf.Tensor3D, head: CtcHeadName = 'head'): tf.Tensor3D {
  const [, length, depth] = vectors.shape;
  const kernel = tensor2(weights, `${head}.kernel`); // [D, L + 1]
  const scores = tf.add(tf.matMul(tf.reshape(vectors, [-1, depth]), kernel), weight(weights, `${head}.bias`));
  return tf.reshape(scores, [-1, length, kernel.shape[1]]);
}

/** First weights: small, and inclined to blank, as most vectors are. */
export function initCtcHead(
  depth: number,
  labelCount: number,
  random: Random,
  head: CtcHeadName = 'head',
): Record<string, HostArray> {
  const bias = new Float32Array(labelCount + 1);
  bias[0] = 1;
  return {
    [`${head}.kernel`]: normalArray(random, [depth, labelCount + 1], 0.02),
    [`${head}.bias`]: { shape: [labelCount + 1], data: bias },
  };
}
