import * as tf from '@tensorflow/tfjs-core';

import { customGradArguments, ofRank2, tensorAt } from '../cell/typed-tensors.ts';
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
  const classCount = logits.shape[2];
  return tf.tidy(() => {
    const edge = tf.zeros<tf.Rank.R2>([batch, 1], 'int32');
    const following = tf.reshape<tf.Rank.R1>(tf.concat([targets, edge], 1), [-1]); //                     [B (U + 1)]
    const isSpoken = tf.cast(tf.greater(targets, 0), 'float32');
    const counts = tf.reshape<tf.Rank.R1>(tf.concat([tf.ones([batch, 1]), isSpoken], 1), [-1]);
    const rows = tf.reshape<tf.Rank.R2>(logits, [-1, classCount]); //                                    [B (U + 1), K]
    const losses = rowLosses(rows, following, smoothing);
    return tf.div<tf.Scalar>(tf.sum(tf.mul(losses, counts)), tf.sum(counts));
  });
}

/**
 * The cross-entropy of each row of `logits` `[N, K]` with its class of `classes` `[N]`, `[N]`. With p the softmax, K the classes and e the
 * smoothing, of class y: `log sum exp(z) - (1 - e) z_y - e mean(z)`, whose gradient by z is `p - (1 - e) onehot(y) - e / K`.
 * It is given here because what tfjs derives goes over [N, K] a dozen times, which is slow with thousands of classes.
 */
function rowLosses(logits: tf.Tensor2D, classes: tf.Tensor1D, smoothing: number): tf.Tensor1D {
  const [rowCount, classCount] = logits.shape;
  const losses = tf.customGrad<tf.Tensor1D>((...given) => {
    const { tensors, save } = customGradArguments(given);
    const z = ofRank2(tensorAt(tensors, 0));
    save([z, classes]);
    const places = tf.add<tf.Tensor1D>(tf.range(0, rowCount * classCount, classCount, 'int32'), classes);
    const right = tf.gather(tf.reshape<tf.Rank.R1>(z, [-1]), places);
    const expected = tf.add(tf.mul(right, 1 - smoothing), tf.mul(tf.mean(z, 1), smoothing));
    return {
      value: tf.sub<tf.Tensor1D>(tf.logSumExp(z, 1), expected),
      gradFunc: (dy, saved) => {
        // WebAssembly's oneHot gives whole numbers, whatever it is asked for.
        const wanted = tf.add(tf.mul(tf.oneHot(tensorAt(saved, 1), classCount), 1 - smoothing), smoothing / classCount);
        return tf.mul(tf.sub(tf.softmax(tensorAt(saved, 0)), wanted), tf.reshape(dy, [-1, 1]));
      },
    };
  });
  return losses(logits);
}
