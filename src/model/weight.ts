import type * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';

/** The tensor called `name`. Throws `model/missing-tensor` where there is none. */
export function weight(tensors: Readonly<Record<string, tf.Tensor>>, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new HearkenError('model/missing-tensor', `Expected a tensor \`${name}\`, got none`);
  return tensor;
}
