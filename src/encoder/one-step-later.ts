import * as tf from '@tensorflow/tfjs-core';

/** What stood before each step: `first`, `[B, H]`, then all but the last of `steps`, `[T, B, H]`; T is at least 1. */
export function oneStepLater(first: tf.Tensor2D, steps: tf.Tensor3D): tf.Tensor3D {
  const [length, batch, units] = steps.shape;
  return tf.concat<tf.Tensor3D>([tf.expandDims(first, 0), tf.slice(steps, [0, 0, 0], [length - 1, batch, units])], 0);
}
