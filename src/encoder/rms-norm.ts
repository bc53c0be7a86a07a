import * as tf from '@tensorflow/tfjs-core';

/** Name of the kernel by which a tracing backend sees the whole function. */
export const RMS_NORM = 'RmsNorm';
export const RMS_EPSILON = 1e-6;

/**
 * `x / sqrt(mean(x^2) + 1e-6)` over the last axis of `x`, of shape `[..., D]`, without learned gain.
 *
 * Reference: Zhang and Sennrich, 2019, eq. 4, https://arxiv.org/abs/1910.07467
 */
export function rmsNorm<T extends tf.Tensor>(x: T): T {
  if (tf.getKernel(RMS_NORM, tf.getBackend()) !== undefined) return tf.engine().runKernel<T>(RMS_NORM, { x });
  return tf.tidy(() => tf.mul<T>(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), RMS_EPSILON))));
}
