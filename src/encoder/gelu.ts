import * as tf from '@tensorflow/tfjs-core';

/** Name of the kernel by which a tracing backend sees the whole function. */
export const TANH_GELU = 'TanhGelu';

/** The tanh form of GELU, `x/2 (1 + tanh u)`, as `x sigmoid(2u)`: fewer passes over memory, same function. */
export function gelu<T extends tf.Tensor>(x: T): T {
  if (tf.getKernel(TANH_GELU, tf.getBackend()) !== undefined) return tf.engine().runKernel<T>(TANH_GELU, { x });
  const slope = 2 * Math.sqrt(2 / Math.PI);
  const cubic = tf.add(tf.mul(tf.square(x), slope * 0.044715), slope); // 2u / x
  return tf.mul<T>(x, tf.sigmoid(tf.mul(x, cubic)));
}
