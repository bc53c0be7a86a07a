import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { gelu } from './gelu.ts';
import { rmsNorm } from './rms-norm.ts';

/** `x + gelu(rms(x) W_1 + b_1) W_2` for rows `x` of shape `[N, D]`; W_1 is `[D, 2D]`. */
export function residualMlp(weights: Weights, name: string, x: tf.Tensor2D): tf.Tensor2D {
  return tf.tidy(() => {
    const widened = tf.matMul(rmsNorm(x), weight(weights, `${name}.up.kernel`)); //              [N, 2D]
    const hidden = gelu(tf.add(widened, weight(weights, `${name}.up.bias`)));
    return tf.add(x, tf.matMul(hidden, weight(weights, `${name}.down.kernel`))); //               [N, D]
  });
}

/** First weights; `downDeviation` 0 makes the MLP start as the identity. */
export function initResidualMlp(
  name: string,
  depth: number,
  downDeviation: number,
  random: Random,
): Record<string, HostArray> {
  return {
    [`${name}.up.kernel`]: normalArray(random, [depth, 2 * depth], 1 / Math.sqrt(depth)),
    [`${name}.up.bias`]: { shape: [2 * depth], data: new Float32Array(2 * depth) },
    [`${name}.down.kernel`]: normalArray(random, [2 * depth, depth], downDeviation),
  };
}
