/** The steps of a sequence one by one. */
import * as tf from '@tensorflow/tfjs-core';

import { ofRank2 } from '../cell/typed-tensors.ts';

/**
 * The N matrices of `x`, `[N, A, B]`; N may be 0 or 1, for which `tf.unstack` of tfjs 4.22 throws or has no gradient.
 */
export function matricesOf(x: tf.Tensor3D): tf.Tensor2D[] {
  const [count, rows, columns] = x.shape;
  if (count === 0) return [];
  return count === 1 ? [tf.reshape(x, [rows, columns])] : tf.unstack(x).map(ofRank2);
}
