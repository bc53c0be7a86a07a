import * as tf from '@tensorflow/tfjs-core';

import { assertNumber } from '../errors.ts';
import { assertShape } from '../tensor/shape.ts';

/**
 * Mean cross-entropy of a decoder's predictions, a scalar: over the targets of every row and its end symbol.
 *
 * `logits`, `[B, U + 1, K]`, score what follows targets 0..u; `targets`, `[B, U]` of int32, are labels 1..K-1, then
 * zeros: a row ends at its first 0, and what lies behind has no influence. `smoothing`, 0 to below 1, is the share of
 * the target distribution that is spread evenly over all K classes (Szegedy et al., 2016, section 7,
 * https://arxiv.org/abs/1512.00567).
 *
 * Throws `tensor/shape`, and `option/out-of-range` for a `smoothing` outside of its range.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { smoothedCrossEntropy } from 'hearken/losses';
 *
 * const targets = tf.tensor2d([[2, 1, 0]], [1, 3], 'int32'); // labels 2 and 1, then the end
 * const sure = tf.mul<tf.Tensor3D>(tf.oneHot(tf.tensor2d([[2, 1, 0, 0]], [1, 4], 'int32'), 3), 20); // right up to the end
 * const even = tf.zeros<tf.Rank.R3>([1, 4, 3]);
 * for (const logits of [sure, even]) {
 *   const losses = [0, 0.1].map((smoothing) => smoothedCrossEntropy(logits, targets, smoothing).arraySync());
 *   console.log(losses.map((loss) => loss.toFixed(4)).join(' '));
 * }
 * // => 0.0000 1.3333
 * // => 1.0986 1.0986
 * ```
 */
export function smoothedCrossEntropy(logits: tf.Tensor3D, targets: tf.Tensor2D, smoothing: number): tf.Scalar {
  const [batch, length] = targets.shape;
  assertShape('targets', targets, [null, null]);
  assertShape('logits', logits, [batch, length + 1, null]);
  assertNumber('smoothing', smoothing, 0, 0.99);
  return tf.tidy(() => {
    const edge = tf.zeros<tf.Rank.R2>([batch, 1], 'int32');
    const following = tf.oneHot(tf.concat([targets, edge], 1), logits.shape[2]); //                      [B, U + 1, K]
    const isSpoken = tf.cast(tf.greater(targets, 0), 'float32');
    const counts = tf.concat([tf.ones([batch, 1]), isSpoken], 1); //                                     [B, U + 1]
    const logProbabilities = tf.logSoftmax(logits);
    const likelihood = tf.sum(tf.mul(logProbabilities, following), 2);
    const spread = tf.mean(logProbabilities, 2);
    const expected = tf.add(tf.mul(likelihood, 1 - smoothing), tf.mul(spread, smoothing));
    return tf.neg(tf.div(tf.sum(tf.mul(expected, counts)), tf.sum(counts)));
  });
}
