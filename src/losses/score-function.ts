/**
 * The score-function estimator, REINFORCE: a gradient for what was drawn, of which only the cost is known.
 *
 *     ∇ E_c[cost(c)] = E_c[(cost(c) - baseline) ∇ log p(c) + ∇ cost(c)]
 *
 * Reference: Williams, 1992, https://doi.org/10.1007/BF00992696; as used for hard attention: Xu et al., 2015, equations 11
 * and 12, https://arxiv.org/abs/1502.03044
 *
 * Shapes: B rows.
 */
import * as tf from '@tensorflow/tfjs-core';

import { assertShape } from '../tensor/shape.ts';

/**
 * A scalar of which the gradient is the estimator's mean over the rows, and the value the mean cost. `cost` `[B]` is what
 * each row's choices cost, `logProbability` `[B]` that of the choices. `baseline` is any number that does not depend on the
 * row's choices, such as the mean cost so far: it changes no expectation, and the nearer it is to the expected cost, the less
 * the estimate varies. Throws `tensor/shape`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs'; // with its gradients
 * import { scoreFunctionLoss } from 'hearken/losses';
 *
 * // Of two entries the first costs 3, the second 1. What does a first logit's rise bring, if both were drawn once?
 * const logits = tf.tensor2d([[0, 0], [0, 0]]);
 * const choices = tf.tensor2d([[1, 0], [0, 1]]);
 * const loss = (x: tf.Tensor): tf.Scalar => {
 *   const logProbability = tf.sum<tf.Tensor1D>(tf.mul(tf.logSoftmax(x), choices), 1);
 *   return scoreFunctionLoss(tf.tensor1d([3, 1]), logProbability, 2);
 * };
 * console.log(loss(logits).arraySync(), tf.sum(tf.grad(loss)(logits), 0).arraySync());
 * // => 2 [ 0.5, -0.5 ]
 * ```
 */
export function scoreFunctionLoss(cost: tf.Tensor1D, logProbability: tf.Tensor1D, baseline: number): tf.Scalar {
  assertShape('cost', cost, [null]);
  assertShape('logProbability', logProbability, cost.shape);
  return tf.tidy(() => {
    const gain = constant(tf.sub<tf.Tensor1D>(cost, baseline));
    const chosen = tf.mul(gain, logProbability);
    return tf.mean<tf.Scalar>(tf.add(cost, tf.sub(chosen, constant(chosen)))); // the difference is 0, its gradient is not
  });
}

/** `x` without its gradient. */
function constant<T extends tf.Tensor>(x: T): T {
  return tf.customGrad<T>((given) => ({
    value: tf.clone(given as T), // the one argument is a tensor
    gradFunc: () => tf.zeros(x.shape), // `x` itself may be gone by then
  }))(x);
}
