/**
 * A plain recurrent layer over a whole sequence, in one call: h_t = tanh(x_t W + h_{t-1} U + b).
 *
 * Reference: Elman, 1990, "Finding structure in time", https://doi.org/10.1207/s15516709cog1402_1
 *
 * Shapes: T vectors, B batch, D input depth, H units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { ofRank2, ofRank3, pair } from '../cell/typed-tensors.ts';
import { assertShape } from '../tensor/shape.ts';
import { matricesOf } from './matrices-of.ts';

/** Name of the kernel by which a tracing backend sees the whole recurrence. */
export const RNN_SEQUENCE = 'RnnSequence';

type RnnInputs = {
  /** `[T, B, D]` */ readonly inputs: tf.Tensor3D;
  /** `[D + H, H]`: W above U. */ readonly kernel: tf.Tensor2D;
  /** `[H]` */ readonly bias: tf.Tensor1D;
  /** `[B, H]` */ readonly hidden: tf.Tensor2D;
};

type RnnOutputs = {
  /** `[T, B, H]` */ readonly outputs: tf.Tensor3D;
  /** `[B, H]` */ readonly hidden: tf.Tensor2D;
};

/** Runs the recurrence over all T inputs. Throws `tensor/shape` where the others do not fit `inputs`. */
export function rnnSequence({ inputs, kernel, bias, hidden }: RnnInputs): RnnOutputs {
  const [length, batch, depth] = inputs.shape;
  const units = hidden.shape[1];
  assertShape('hidden', hidden, [batch, null]);
  assertShape('kernel', kernel, [depth + units, units]);
  assertShape('bias', bias, [units]);
  if (tf.getKernel(RNN_SEQUENCE, tf.getBackend()) !== undefined) {
    const named = { x: inputs, kernel, bias, h0: hidden };
    const [outputs, last] = pair(tf.engine().runKernel<tf.Tensor[]>(RNN_SEQUENCE, named)); // [T, B, H], [B, H]
    return { outputs: ofRank3(outputs), hidden: ofRank2(last) };
  }
  return tf.tidy(() => {
    const [inputKernel, hiddenKernel] = pair(tf.split<tf.Tensor2D>(kernel, [depth, units], 0));
    const projected = tf.add(tf.matMul(tf.reshape(inputs, [length * batch, depth]), inputKernel), bias); // [T B, H]
    const outputs: tf.Tensor2D[] = [];
    let h = hidden;
    for (const step of matricesOf(tf.reshape(projected, [length, batch, units]))) {
      h = tf.tanh(tf.add(step, tf.matMul<tf.Tensor2D>(h, hiddenKernel)));
      outputs.push(h);
    }
    return { outputs: ofRank3(tf.stack(outputs)), hidden: tf.clone(h) };
  });
}
