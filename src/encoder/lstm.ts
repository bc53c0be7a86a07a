/**
 * Long short-term memory over a whole sequence, in one call.
 *
 *     [i, g, f, o] = [x_t, h_{t-1}] W + b
 *     c_t = sigmoid(f) * c_{t-1} + sigmoid(i) * tanh(g)
 *     h_t = sigmoid(o) * tanh(c_t)
 *
 * Reference: Gers, Schmidhuber and Cummins, 2000 (LSTM with forget gates), without peepholes.
 *
 * Four forms of the same arithmetic: where native TensorFlow computes, its fused sequence kernel (two calls a layer for a
 * training step, where the unrolled form needs thousands), or matrix products where a step is so large that they are faster;
 * one `LstmSequence` node while a cell is traced for export; and otherwise the equations step by step.
 *
 * Shapes: T vectors, B batch, D input depth, H units.
 */
import * as tf from '@tensorflow/tfjs-core';

import { assertShape } from '../tensor/shape.ts';
import { lstmByProducts } from './lstm-by-products.ts';
import { nativeLstm } from './lstm-native.ts';
import { four, ofRank2, ofRank3, pair, tensorAt } from '../cell/typed-tensors.ts';
import { matricesOf } from './matrices-of.ts';
import { isNative } from './native-operations.ts';

/** Multiplications of a step, B (D + H) 4 H, from which matrix products are faster than the fused kernel. */
const LARGE_STEP = 2_000_000;

/** Name of the kernel by which a tracing backend sees the whole recurrence. */
export const LSTM_SEQUENCE = 'LstmSequence';

export type LstmInputs = {
  /** `[T, B, D]` */ readonly inputs: tf.Tensor3D;
  /** `[D + H, 4 H]`, gates in the order input, candidate, forget, output. */ readonly kernel: tf.Tensor2D;
  /** `[4 H]` */ readonly bias: tf.Tensor1D;
  /** `[B, H]` */ readonly hidden: tf.Tensor2D;
  /** `[B, H]` */ readonly cell: tf.Tensor2D;
};

export type LstmOutputs = {
  /** `[T, B, H]` */ readonly outputs: tf.Tensor3D;
  /** `[B, H]` */ readonly hidden: tf.Tensor2D;
  /** `[B, H]` */ readonly cell: tf.Tensor2D;
};

/** Runs the recurrence over all T inputs. Throws `tensor/shape` where `kernel`, `hidden` or `cell` do not fit. */
export function lstmSequence(given: LstmInputs): LstmOutputs {
  const { inputs, kernel, bias, hidden, cell } = given;
  const [, batch, depth] = inputs.shape;
  const units = hidden.shape[1];
  assertShape('hidden', hidden, [batch, null]);
  assertShape('cell', cell, [batch, units]);
  assertShape('kernel', kernel, [depth + units, 4 * units]);
  assertShape('bias', bias, [4 * units]);
  if (tf.getKernel(LSTM_SEQUENCE, tf.getBackend()) !== undefined) {
    const named = { x: inputs, kernel, bias, h0: hidden, c0: cell };
    const traced = tf.engine().runKernel<tf.Tensor[]>(LSTM_SEQUENCE, named); // [T, B, H], [B, H], [B, H]
    const [outputs, last] = [ofRank3(tensorAt(traced, 0)), pair(traced.slice(1))];
    return { outputs, hidden: ofRank2(last[0]), cell: ofRank2(last[1]) };
  }
  if (!isNative()) return unrolledLstm(given);
  const isLarge = batch * (depth + units) * 4 * units >= LARGE_STEP && inputs.shape[0] > 0;
  return tf.tidy(() => (isLarge ? lstmByProducts(given) : nativeLstm(given)));
}

/**
 * Runs the equations of this file a step at a time: the reference for the fused kernels, and what every backend can
 * compute.
 */
export function unrolledLstm({ inputs, kernel, bias, hidden, cell }: LstmInputs): LstmOutputs {
  const [length, batch, depth] = inputs.shape;
  const units = hidden.shape[1];
  return tf.tidy(() => {
    const inputKernel = tf.slice(kernel, [0, 0], [depth, 4 * units]);
    const hiddenKernel = tf.slice(kernel, [depth, 0], [units, 4 * units]);
    const projected = tf.add(tf.matMul(tf.reshape(inputs, [length * batch, depth]), inputKernel), bias); // [T B, 4 H]
    const steps = matricesOf(tf.reshape(projected, [length, batch, 4 * units]));
    const outputs: tf.Tensor2D[] = [];
    let h = hidden;
    let c = cell;
    for (const step of steps) {
      const gates = tf.add<tf.Tensor2D>(step, tf.matMul(h, hiddenKernel)); // [B, 4 H]
      const [i, g, f, o] = four(tf.split<tf.Tensor2D>(gates, 4, 1));
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g))); // [B, H]
      h = tf.mul(tf.sigmoid(o), tf.tanh(c)); //                                   [B, H]
      outputs.push(h);
    }
    // `hidden` and `cell` are new tensors also where T is 0, so that the caller may dispose of what went in.
    return { outputs: ofRank3(tf.stack(outputs)), hidden: tf.clone(h), cell: tf.clone(c) };
  });
}
