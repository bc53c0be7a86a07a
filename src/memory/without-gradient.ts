import * as tf from '@tensorflow/tfjs-core';

import { customGradArguments } from '../cell/typed-tensors.ts';

/** What `compute` makes of `tensors`, through which no gradient flows: a choice, or what a student is to learn from. */
export function withoutGradient<T extends tf.Tensor>(
  tensors: readonly tf.Tensor[],
  compute: (tensors: readonly tf.Tensor[]) => T,
): T {
  const constant = tf.customGrad((...given: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const own = customGradArguments(given).tensors;
    return { value: compute(own), gradFunc: () => own.map(({ shape }) => tf.zeros(shape)) };
  });
  return constant(...tensors);
}
