/**
 * Layer normalisation: `y = (x - mean(x)) / sqrt(var(x) + 1e-5) * gain + offset` over the last axis, so that it needs
 * no statistics of the future and none of the batch.
 *
 * Reference: Ba, Kiros and Hinton, 2016, eq. 4, https://arxiv.org/abs/1607.06450
 */
import * as tf from '@tensorflow/tfjs-core';

const EPSILON = 1e-5;

/** `x` is `[..., D]`, `gain` and `offset` are `[D]`; gives `[..., D]`. */
export function layerNorm<T extends tf.Tensor>(x: T, gain: tf.Tensor, offset: tf.Tensor): T {
  return tf.tidy(() => {
    const centered = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centered), -1, true);
    return tf.add<T>(tf.mul(tf.mul(centered, tf.rsqrt(tf.add(variance, EPSILON))), gain), offset);
  });
}
