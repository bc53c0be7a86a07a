import * as tf from '@tensorflow/tfjs-core';

/** Keeps divisions finite once a residual has vanished. */
const EPSILON = 1e-9;

/**
 * Solves `A x = b` for every row of `b`, of shape `[B, Q, F]`, each with a symmetric positive definite A of its own that
 * `apply` multiplies with. Exact after F steps, useful long before.
 *
 * Reference: Hestenes and Stiefel, 1952, eq. 3:1.
 */
export function conjugateGradients(
  apply: (directions: tf.Tensor3D) => tf.Tensor3D,
  b: tf.Tensor3D,
  steps: number,
): tf.Tensor3D {
  const norm = (x: tf.Tensor3D): tf.Tensor3D => tf.sum(tf.square(x), -1, true);
  let solution = tf.zerosLike(b);
  let residual = b;
  let direction = b;
  let error = norm(residual);
  for (let step = 0; step < steps; step++) {
    const image = apply(direction);
    const curvature = tf.sum(tf.mul(direction, image), -1, true);
    const length = tf.div<tf.Tensor3D>(error, tf.add(curvature, EPSILON));
    solution = tf.add(solution, tf.mul(direction, length));
    residual = tf.sub(residual, tf.mul(image, length));
    const left = norm(residual);
    direction = tf.add(residual, tf.mul(direction, tf.div(left, tf.add(error, EPSILON))));
    error = left;
  }
  return solution;
}
