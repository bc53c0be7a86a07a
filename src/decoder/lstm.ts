/**
 * One step of long short-term memory, of which the input's share is made by the caller for many steps at once:
 *
 *     [i, g, f, o] = x + h W
 *     c' = sigmoid(f) * c + sigmoid(i) * tanh(g)
 *     h' = sigmoid(o) * tanh(c')
 *
 * Reference: Gers, Schmidhuber and Cummins, 2000 (LSTM with forget gates), without peepholes, as in Luong, Pham and
 * Manning, 2015, https://arxiv.org/abs/1508.04025
 *
 * Shapes: B batch, H units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { four } from '../cell/typed-tensors.ts';
import { assertShape } from '../tensor/shape.ts';

export type LstmState = {
  /** `[B, H]` */ readonly hidden: tf.Tensor2D;
  /** `[B, H]` */ readonly cell: tf.Tensor2D;
};

/** `kernel` is W, `[H, 4 H]`; `input` x, projection and bias, `[B, 4 H]`. Throws `tensor/shape`. */
export function lstmStep(kernel: tf.Tensor2D, input: tf.Tensor2D, { hidden, cell }: LstmState): LstmState {
  const [batch, units] = hidden.shape;
  assertShape('kernel', kernel, [units, 4 * units]);
  assertShape('input', input, [batch, 4 * units]);
  assertShape('cell', cell, [batch, units]);
  return tf.tidy(() => {
    const gates = tf.add(input, tf.matMul(hidden, kernel)); // [B, 4 H]
    const [i, g, f, o] = four(tf.split<tf.Tensor2D>(gates, 4, 1));
    const next = tf.add<tf.Tensor2D>(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return { hidden: tf.mul<tf.Tensor2D>(tf.sigmoid(o), tf.tanh(next)), cell: next };
  });
}
