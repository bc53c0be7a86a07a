/**
 * A node as means of its children, the rival of learned summaries: its children stand in m stretches, as equal as may be, and each slot
 * is the mean of one of them. It has no weights.
 *
 *     slot_j = Σ_(f in stretch j) n_f child_f / Σ_(f in stretch j) n_f
 *
 * Shapes: N nodes, F child slots, m slots, D depth.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { MemoryConfig } from './config.ts';

/** Slots `[N, m, D]` of `children` `[N, F, D]`, and their shares `[N, m, F]`; `tokenCounts` `[N, F]`, n_f, are equal unless told. */
export function meanSlots(
  { slots }: Pick<MemoryConfig, 'slots'>,
  children: tf.Tensor3D,
  tokenCounts?: tf.Tensor2D,
): { readonly slots: tf.Tensor3D; readonly pooling: tf.Tensor3D } {
  return tf.tidy(() => {
    const stretches = tf.tensor3d(stretchesOf(children.shape[1], slots), [1, slots, children.shape[1]]);
    const counts =
      tokenCounts === undefined ? stretches : tf.mul<tf.Tensor3D>(stretches, tf.expandDims(tokenCounts, 1));
    const sums = tf.maximum(tf.sum(counts, 2, true), 1e-9); // a stretch of which nothing is there
    const pooling = tf.div<tf.Tensor3D>(counts, sums); //                                              [N or 1, m, F]
    return { slots: tf.matMul(pooling, children), pooling };
  });
}

/** `[m, F]`: 1 where a child is in a stretch. Where there are fewer children than slots, some children are in several. */
function stretchesOf(children: number, slots: number): Float32Array {
  const shares = new Float32Array(slots * children);
  for (let slot = 0; slot < slots; slot++) {
    const first = Math.floor((slot * children) / slots);
    const end = Math.max(first + 1, Math.floor(((slot + 1) * children) / slots));
    shares.fill(1, slot * children + first, slot * children + end);
  }
  return shares;
}
