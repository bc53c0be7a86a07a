import * as tf from '@tensorflow/tfjs-core';

import type { HostArrays } from './host-array.ts';

/** Host arrays as tensors on tfjs's current backend, by the same names: what `init` gives as weights to compute with. */
export function tensorsOf(arrays: HostArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, { data, shape }]) => [
      name,
      tf.tensor(data, [...shape], data instanceof Float32Array ? 'float32' : 'int32'),
    ]),
  );
}
