import * as tf from '@tensorflow/tfjs-core';

import type { Random } from '../tensor/random.ts';

/** Sets some elements to zero and scales the others up so that the expectation stays; the identity outside training. */
export type Dropout = <T extends tf.Tensor>(x: T) => T;

export const noDropout: Dropout = (x) => x;

/**
 * Dropout with probability `rate` (0 to below 1), every call with a mask of its own drawn from `random`. The mask is
 * made here, so that it is the same on every backend.
 *
 * Reference: Srivastava et al., 2014.
 */
export function seededDropout(rate: number, random: Random): Dropout {
  if (rate === 0) return noDropout;
  const threshold = rate * 2 ** 32;
  const kept = 1 / (1 - rate);
  return (x) => {
    const isKept = new Uint8Array(x.size); // a byte an element: less for the garbage collector
    for (let i = 0; i < isKept.length; i++) isKept[i] = random.bits() < threshold ? 0 : 1;
    const mask = tf.cast(tf.tensor(isKept, x.shape, 'bool'), 'float32');
    return tf.mul<typeof x>(x, tf.mul(mask, kept));
  };
}
