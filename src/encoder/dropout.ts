import * as tf from '@tensorflow/tfjs-core';

/** Sets some elements to zero and scales the others up so that the expectation stays; the identity outside training. */
export type Dropout = <T extends tf.Tensor>(x: T) => T;

export const noDropout: Dropout = (x) => x;

/**
 * Dropout with probability `rate` (0 to below 1), every call with a seed of its own drawn from `uniform`.
 *
 * Reference: Srivastava et al., 2014.
 */
export function seededDropout(rate: number, uniform: () => number): Dropout {
  if (rate === 0) return noDropout;
  return (x) => tf.dropout(x, rate, undefined, Math.floor(uniform() * 0x7fffffff)) as typeof x;
}
