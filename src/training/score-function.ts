/**
 * The score-function estimator, REINFORCE: a gradient for what was drawn, of which only the cost is known.
 *
 *     ∇ E_c[cost(c)] = E_c[(cost(c) - b) ∇ log p(c) + ∇ cost(c)],   loss = E_c[cost(c)] - λ H(p)
 *
 * The baseline b may be any number that does not depend on the choice (`baseline.ts`). The entropy H keeps the choices from settling before
 * their costs are known.
 *
 * Reference: Williams, 1992, https://doi.org/10.1007/BF00992696; as used for hard attention: Xu et al., 2015, equations 11
 * and 12 with baseline and entropy, https://arxiv.org/abs/1502.03044
 *
 * Departures: costs are made smaller, where the papers make rewards larger. Equation 12's λ_r is 1.
 *
 * Shapes: B rows.
 */
import * as tf from '@tensorflow/tfjs-core';

import { numberIn } from '../arguments.ts';
import { assertShape } from '../tensor/shape.ts';
import { constant } from './constant.ts';

export type EntropyTerm = {
  /** `[B]`: H of what each row was drawn from, in nats. */ readonly values: tf.Tensor1D;
  /** λ, 0 or more: what a nat is worth, in the unit of the cost. */ readonly weight: number;
};

/**
 * A scalar of which the gradient is the estimator's mean over the rows, and the value the mean cost. `cost` `[B]` is what
 * each row's choices cost, `logProbability` `[B]` that of the choices. `baseline`, one for all or one a row `[B]`, is any number that does
 * not depend on the row's choices, such as the mean cost so far: it changes no expectation, and the nearer it is to the expected cost, the less
 * the estimate varies. No gradient flows into it. `entropy` lowers the loss by its mean times its weight. Throws `tensor/shape`,
 * `option/out-of-range`.
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
export function scoreFunctionLoss(
  cost: tf.Tensor1D,
  logProbability: tf.Tensor1D,
  baseline: number | tf.Tensor1D,
  entropy?: EntropyTerm,
): tf.Scalar {
  assertShape('cost', cost, [null]);
  assertShape('logProbability', logProbability, cost.shape);
  if (typeof baseline !== 'number') assertShape('baseline', baseline, cost.shape);
  if (entropy !== undefined) {
    assertShape('entropy.values', entropy.values, cost.shape);
    numberIn(0)('entropy.weight', entropy.weight);
  }
  return tf.tidy(() => {
    const gain = constant(tf.sub<tf.Tensor1D>(cost, baseline));
    const chosen = tf.mul(gain, logProbability);
    const estimate = tf.mean<tf.Scalar>(tf.add(cost, tf.sub(chosen, constant(chosen)))); // the difference is 0, its gradient is not
    if (entropy === undefined) return estimate;
    return tf.sub(estimate, tf.mul(tf.mean<tf.Scalar>(entropy.values), entropy.weight));
  });
}
