import * as tf from '@tensorflow/tfjs-core';

const EPSILON = 1e-6;

/**
 * `x / sqrt(mean(x^2) + 1e-6)` over the last axis of `x`, of shape `[..., D]`, without learned gain.
 *
 * Reference: Zhang and Sennrich, 2019, eq. 4, https://arxiv.org/abs/1910.07467
 */
export function rmsNorm<T extends tf.Tensor>(x: T): T {
  return tf.tidy(() => tf.mul<T>(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), EPSILON))));
}
