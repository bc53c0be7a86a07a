import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { rmsNorm } from './rms-norm.ts';

/** `x + gelu(rms(x) W_1 + b_1) W_2` for rows `x` of shape `[N, D]`; W_1 is `[D, 2D]`. */
export function residualMlp(weights: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const raised = tf.matMul(rmsNorm(x), weight(weights, `${name}.raise.kernel`)); //              [N, 2D]
    const hidden = gelu(tf.add(raised, weight(weights, `${name}.raise.bias`)));
    return tf.add(x, tf.matMul(hidden, weight(weights, `${name}.lower.kernel`))); //               [N, D]
  });
}

/** First weights; `lowerDeviation` 0 makes the MLP start as the identity. */
export function initResidualMlp(
  name: string,
  depth: number,
  lowerDeviation: number,
  random: Random,
): Record<string, HostArray> {
  return {
    [`${name}.raise.kernel`]: normalArray(random, [depth, 2 * depth], 1 / Math.sqrt(depth)),
    [`${name}.raise.bias`]: { shape: [2 * depth], data: new Float32Array(2 * depth) },
    [`${name}.lower.kernel`]: normalArray(random, [2 * depth, depth], lowerDeviation),
  };
}

/** The tanh form of GELU, `x/2 (1 + tanh u)`, as `x sigmoid(2u)`: fewer passes over memory, same function. */
function gelu<T extends tf.Tensor>(x: T): T {
  const slope = 2 * Math.sqrt(2 / Math.PI);
  const cubic = tf.add(tf.mul(tf.square(x), slope * 0.044715), slope); // 2u / x
  return tf.mul<T>(x, tf.sigmoid(tf.mul(x, cubic)));
}
