/**
 * Kernel regression, the ancestor of attention: the query x is a place, entries are points (x_e, y_e), and the answer is
 * the mean of the y_e, each weighed by how near its x_e is:
 *
 *     alignment_e = K(u_e) exp(bias_e) / Σ K(u) exp(bias),  u_e = |x - x_e| / width
 *
 *     gaussian      K(u) = exp(-u² / 2), so that alignment = softmax(-u² / 2 + bias)
 *     boxcar        K(u) = 1 where u <= 1, else 0
 *     epanechnikov  K(u) = 1 - u² where u < 1, else 0
 *
 * References: Nadaraya, 1964, https://doi.org/10.1137/1109020; Watson, 1964, https://www.jstor.org/stable/25049340;
 * Epanechnikov, 1969, https://doi.org/10.1137/1114019
 *
 * Departures: kernels without their constant factors, which cancel. Where no point lies within reach of a bounded kernel
 * the fraction is 0 / 0; alignment and answer are then 0.
 *
 * Shapes: B batch, E entries, X depth of a place.
 */
import * as tf from '@tensorflow/tfjs-core';

import { weight } from '../cell/cell.ts';
import { HearkenError } from '../errors.ts';
import { assertShape } from '../tensor/shape.ts';
import { HIDDEN, indicator, maskedSoftmax } from './hidden.ts';
import { type AttentionMechanism, defineMechanism } from './mechanism.ts';
import { assertSameDepth } from './multiplicative.ts';

export type Kernel = 'gaussian' | 'boxcar' | 'epanechnikov';

export type KernelRegressionOptions = {
  /** Default `gaussian`. */ readonly kernel?: Kernel;
  /** In the unit of the places, above 0; or `learned` (not for a boxcar, which has no gradient). Default 1. */
  readonly width?: number | 'learned';
};

/** What a kernel is taken for where it is less: beyond reach, where it does not count. */
const SMALLEST_KERNEL = 1e-30;

/**
 * Non-parametric, or parametric with a learned width. `keys` of the memory are the x_e, `[B, E, X]`, `values` the y_e,
 * queries x are `[B, X]`. No state. Weights: none, or `inverseWidth` `[1]`, which starts at 1.
 * Throws `option/out-of-range`.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { kernelRegression, paddingBias } from 'hearken/attention';
 *
 * const keys = tf.tensor3d([[[0], [1], [2], [3]]]); // x
 * const values = tf.tensor3d([[[0], [1], [4], [9]]]); // y = x²
 * for (const kernel of ['gaussian', 'boxcar', 'epanechnikov'] as const) {
 *   const regression = kernelRegression({ kernel });
 *   const prepared = regression.prepare({}, { keys, values, bias: paddingBias([4], 4) });
 *   const { context } = regression.attend({}, tf.tensor2d([[1.5]]), prepared, {});
 *   console.log(kernel, context.arraySync()[0].map((y) => y.toFixed(4)).join(' '));
 * }
 * // => gaussian 3.0379
 * // => boxcar 2.5000
 * // => epanechnikov 2.5000
 * ```
 */
export function kernelRegression({ kernel = 'gaussian', width = 1 }: KernelRegressionOptions = {}): AttentionMechanism {
  const isLearned = width === 'learned';
  if (!isLearned && !(width > 0 && width < Infinity)) {
    throw new HearkenError('option/out-of-range', `Expected \`width\` to be above 0, or 'learned', got ${width}`);
  }
  if (isLearned && kernel === 'boxcar') {
    throw new HearkenError('option/out-of-range', "Expected `width` of a boxcar to be a number, got 'learned'");
  }
  return defineMechanism({
    init: (sizes) => {
      assertSameDepth('a kernel', sizes);
      return isLearned ? { inverseWidth: { shape: [1], data: Float32Array.of(1) } } : {};
    },
    keyDepth: ({ memoryDepth }) => memoryDepth,
    keys: (_weights, entries) => tf.clone(entries),
    align: (weights, query, { keys, bias }) => {
      assertShape('query', query, [null, keys.shape[2]]);
      const inverse = isLearned ? weight(weights, 'inverseWidth') : tf.scalar(1 / width);
      const squares = tf.sum(tf.square(tf.sub(tf.expandDims(query, 1), keys)), 2); //     [B, E]
      return { alignment: alignByKernel(kernel, tf.mul<tf.Tensor2D>(squares, tf.square(inverse)), bias) };
    },
  });
}

/** `squares` are u², `[B, E]`. In logarithms, so that no sum of kernels underflows, and no mass overflows. */
function alignByKernel(kernel: Kernel, squares: tf.Tensor2D, bias: tf.Tensor2D): tf.Tensor2D {
  switch (kernel) {
    case 'gaussian':
      return maskedSoftmax(tf.mul(squares, -0.5), bias);
    case 'boxcar':
      return maskedSoftmax(
        tf.zerosLike(squares),
        withinReach(squares, bias, (x) => tf.greater(x, 1)),
      );
    case 'epanechnikov': {
      const logKernel = tf.log(tf.maximum(tf.sub(1, squares), SMALLEST_KERNEL));
      return maskedSoftmax(
        logKernel,
        withinReach(squares, bias, (x) => tf.greaterEqual(x, 1)),
      );
    }
    default:
      return kernel satisfies never;
  }
}

/** `bias` with the points hidden that a bounded kernel does not reach. */
function withinReach(squares: tf.Tensor2D, bias: tf.Tensor2D, isFar: (u: tf.Tensor) => tf.Tensor): tf.Tensor2D {
  return tf.add(bias, tf.mul(indicator(squares, isFar), HIDDEN));
}
