/**
 * Baselines of the score-function estimator: what a choice is expected to cost, so that only what it costs beyond that counts.
 *
 *     moving average    b ← d b + (1 - d) mean cost             Xu et al., 2015, section 4.1; its first values unbiased, as Adam's means
 *     learned           b = w · x + w₀,  loss (cost - b)²       Mnih et al., 2014, section 3.2.1 (of the state before the choice)
 *
 * Reference: https://arxiv.org/abs/1502.03044, https://arxiv.org/abs/1406.6247; why the variance falls: Weaver and Tao, 2001,
 * https://arxiv.org/abs/1301.2315
 *
 * Shapes: B rows, X depth of what a learned baseline sees.
 */
import * as tf from '@tensorflow/tfjs-core';

import { numberIn } from '../arguments.ts';
import { type Weights, weight } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import { constant } from '../training/constant.ts';

/** A moving average: a value, which `after` does not change. */
export type MovingBaseline = {
  /** The mean of the costs so far, the newest of which count most; 0 before any. */ readonly value: number;
  /** The baseline after a batch whose mean cost this was. */ readonly after: (meanCost: number) => MovingBaseline;
};

/**
 * A baseline of costs that have not been seen yet; `decay`, 0 to below 1, is the share that the costs before keep. Throws
 * `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import { movingBaseline } from 'hearken/losses';
 *
 * let baseline = movingBaseline(0.5);
 * for (const cost of [4, 4, 1]) {
 *   baseline = baseline.after(cost);
 *   console.log(baseline.value.toFixed(3));
 * }
 * // => 4.000
 * // => 4.000
 * // => 2.286
 * ```
 */
export function movingBaseline(decay: number = 0.9): MovingBaseline {
  numberIn(0, 1 - 1e-9)('decay', decay);
  const of = (sum: number, mass: number): MovingBaseline => ({
    value: mass === 0 ? 0 : sum / mass,
    after: (meanCost) => of(decay * sum + (1 - decay) * meanCost, decay * mass + (1 - decay)),
  });
  return of(0, 0);
}

/** First weights of a learned baseline that sees `depth` numbers: `kernel` N(0, 0.01²), `bias` 0. */
export function initBaseline(depth: number, random: Random): Record<string, HostArray> {
  return { kernel: normalArray(random, [depth, 1], 0.01), bias: { shape: [1], data: new Float32Array(1) } };
}

/**
 * `[B]`: what is expected, by what stood before the choice, `seen` `[B, X]`; no gradient flows into that. Throws `tensor/shape`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs'; // with its gradients
 * import { Random, tensorsOf } from 'hearken/attention';
 * import { baselineLoss, initBaseline, learnedBaseline } from 'hearken/losses';
 *
 * // Costs are twice the one number that is seen.
 * const seen = tf.tensor2d([[1], [2], [3]]);
 * const cost = tf.tensor1d([2, 4, 6]);
 * const weights = tensorsOf(initBaseline(1, Random.seeded(1)));
 * const variables = Object.fromEntries(Object.entries(weights).map(([name, each]) => [name, tf.variable(each)]));
 * const optimizer = tf.train.sgd(0.1);
 * for (let step = 0; step < 300; step++) optimizer.minimize(() => baselineLoss(learnedBaseline(variables, seen), cost));
 * console.log(learnedBaseline(variables, seen).arraySync().map((each) => each.toFixed(1)).join(' '));
 * // => 2.0 4.0 6.0
 * ```
 */
export function learnedBaseline(weights: Weights, seen: tf.Tensor2D): tf.Tensor1D {
  const kernel = tensor2(weights, 'kernel');
  assertShape('seen', seen, [null, kernel.shape[0]]);
  return tf.tidy(() => tf.squeeze(tf.add(tf.matMul(constant(seen), kernel), weight(weights, 'bias')), [1]));
}

/** The mean of (cost - b)², a scalar, by which a learned baseline is trained; no gradient flows into `cost` `[B]`. Throws `tensor/shape`. */
export function baselineLoss(baseline: tf.Tensor1D, cost: tf.Tensor1D): tf.Scalar {
  assertShape('baseline', baseline, cost.shape);
  return tf.tidy(() => tf.mean<tf.Scalar>(tf.square(tf.sub(constant(cost), baseline))));
}
