/**
 * A gated recurrent unit over a whole sequence, in one call: `gru.ts`'s equations at every step, where the input's part
 * `x_t W + b` is computed for all steps at once.
 *
 * Shapes: T vectors, B batch, D input depth, H units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { ofRank2, ofRank3, pair } from '../cell/typed-tensors.ts';
import { assertShape } from '../tensor/shape.ts';
import { nativeGru } from './gru-native.ts';
import { gruStep } from './gru.ts';
import { matricesOf } from './matrices-of.ts';
import { isNative } from './native-operations.ts';

/** Name of the kernel by which a tracing backend sees the whole recurrence. */
export const GRU_SEQUENCE = 'GruSequence';

export type GruInputs = {
  /** `[T, B, D]` */ readonly inputs: tf.Tensor3D;
  /** `[D + H, 3 H]`, gates in the order reset, update, candidate. */ readonly kernel: tf.Tensor2D;
  /** `[3 H]` */ readonly bias: tf.Tensor1D;
  /** `[H]`: b_n, inside the reset gate. */ readonly candidateBias: tf.Tensor1D;
  /** `[B, H]` */ readonly hidden: tf.Tensor2D;
};

export type GruOutputs = {
  /** `[T, B, H]` */ readonly outputs: tf.Tensor3D;
  /** `[B, H]` */ readonly hidden: tf.Tensor2D;
};

/** Runs the recurrence over all T inputs. Throws `tensor/shape` where the others do not fit `inputs`. */
export function gruSequence(given: GruInputs): GruOutputs {
  const { inputs, kernel, bias, candidateBias, hidden } = given;
  const [length, batch, depth] = inputs.shape;
  const units = hidden.shape[1];
  assertShape('hidden', hidden, [batch, null]);
  assertShape('kernel', kernel, [depth + units, 3 * units]);
  assertShape('bias', bias, [3 * units]);
  assertShape('candidateBias', candidateBias, [units]);
  if (tf.getKernel(GRU_SEQUENCE, tf.getBackend()) !== undefined) {
    const named = { x: inputs, kernel, bias, candidateBias, h0: hidden };
    const [outputs, last] = pair(tf.engine().runKernel<tf.Tensor[]>(GRU_SEQUENCE, named)); // [T, B, H], [B, H]
    return { outputs: ofRank3(outputs), hidden: ofRank2(last) };
  }
  return isNative() && length > 0 ? nativeGru(given) : unrolledGru(given);
}

/** Runs the recurrence a step at a time: the reference for the native form, and what every backend can compute. */
export function unrolledGru({ inputs, kernel, bias, candidateBias, hidden }: GruInputs): GruOutputs {
  const [length, batch, depth] = inputs.shape;
  const units = hidden.shape[1];
  return tf.tidy(() => {
    const inputKernel = tf.slice(kernel, [0, 0], [depth, 3 * units]);
    const hiddenKernel = tf.slice(kernel, [depth, 0], [units, 3 * units]);
    const projected = tf.add(tf.matMul(tf.reshape(inputs, [length * batch, depth]), inputKernel), bias); // [T B, 3 H]
    const outputs: tf.Tensor2D[] = [];
    let h = hidden;
    const steps = matricesOf(tf.reshape(projected, [length, batch, 3 * units]));
    for (const step of steps) {
      h = gruStep({ kernel: hiddenKernel, candidateBias }, step, h);
      outputs.push(h);
    }
    return { outputs: ofRank3(tf.stack(outputs)), hidden: tf.clone(h) };
  });
}
