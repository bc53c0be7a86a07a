/** The doubly stochastic penalty: over all labels of a row, every entry is to be looked at as much as the others. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * The mean of (1 - Σ_t α_te)² over the entries of all rows, a scalar; t are a row's labels and its end. `alignment` is `[B, U + 1, E]`, of rows whose
 * `labels` are known, U at the most.
 *
 * Reference: Xu et al., 2015, equation 14, https://arxiv.org/abs/1502.03044. Departure: a mean over entries, where the paper has a sum.
 */
export function coverageLoss(alignment: tf.Tensor3D, labels: readonly Int32Array[]): tf.Scalar {
  const [batch, steps] = alignment.shape;
  const counts = tf.tensor3d(
    labels.flatMap(({ length }) => Array.from({ length: steps }, (_, step) => (step <= length ? 1 : 0))),
    [batch, steps, 1],
  );
  const looked = tf.sum(tf.mul(alignment, counts), 1); // [B, E]
  return tf.mean(tf.square(tf.sub(1, looked)));
}
