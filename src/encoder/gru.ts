/**
 * Gated recurrent unit, with the reset gate after the recurrent product:
 *
 *     r = sigmoid(x_r + h W_r),  z = sigmoid(x_z + h W_z)
 *     n = tanh(x_n + r * (h W_n + b_n))
 *     h' = (1 - z) * n + z * h
 *
 * where `x = input projection + bias`, made by the caller for many steps at once.
 *
 * Reference: Cho et al., 2014, https://arxiv.org/abs/1406.1078, in the form of cuDNN and PyTorch.
 *
 * Shapes: B batch, H units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { assertShape } from '../tensor/shape.ts';
import { pair } from '../cell/typed-tensors.ts';

export type GruWeights = {
  /** `[H, 3 H]`: W of reset, update and candidate. */ readonly kernel: tf.Tensor2D;
  /** `[H]`: b_n. */ readonly candidateBias: tf.Tensor1D;
};

/** One step: `input` is x, `[B, 3 H]`; `hidden` and the result `[B, H]`. Throws `tensor/shape`. */
export function gruStep({ kernel, candidateBias }: GruWeights, input: tf.Tensor2D, hidden: tf.Tensor2D): tf.Tensor2D {
  const [batch, units] = hidden.shape;
  assertShape('kernel', kernel, [units, 3 * units]);
  assertShape('input', input, [batch, 3 * units]);
  return tf.tidy(() => {
    const [inputGates, inputCandidate] = gatesAndCandidate(input, units);
    const [hiddenGates, hiddenCandidate] = gatesAndCandidate(tf.matMul(hidden, kernel), units);
    const [reset, update] = pair(tf.split(tf.sigmoid(tf.add(inputGates, hiddenGates)), 2, 1));
    const recalled = tf.mul(reset, tf.add(hiddenCandidate, candidateBias));
    const candidate = tf.tanh(tf.add(inputCandidate, recalled));
    return tf.add<tf.Tensor2D>(candidate, tf.mul(update, tf.sub(hidden, candidate)));
  });
}

/** `[B, 3 H]` as `[B, 2 H]` and `[B, H]`. */
function gatesAndCandidate(x: tf.Tensor2D, units: number): [tf.Tensor2D, tf.Tensor2D] {
  return pair(tf.split(x, [2 * units, units], 1));
}
