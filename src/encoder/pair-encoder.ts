/**
 * The encoder of pairs: a vector sees its own input and the one before it, so that a fact and its marker meet in one vector.
 *
 *     vector_t = mlp([x_t; x_{t-1}] W),  x_0 = 0
 *
 * Shapes: B batch, T inputs, X input depth, D units.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { sizeProduct } from '../cell/size.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import type { EncoderOutput } from './recurrent-encoder.ts';
import { initResidualMlp, residualMlp } from './residual-mlp.ts';

/** The state: the last input. */
export function pairStates(depth: number): Record<string, TensorSpec> {
  return { 'state.before': floats('B', depth) };
}

/** Encodes `inputs`, `[B, T, X]`, going on from `states`. */
export function encodePairs(
  weights: Weights,
  inputs: tf.Tensor3D,
  states: Readonly<Record<string, tf.Tensor>>,
): EncoderOutput {
  return tf.tidy(() => {
    const [batch, length, depth] = inputs.shape;
    const before = tensor2(states, 'state.before');
    const sequence = tf.concat([tf.expandDims<tf.Tensor3D>(before, 1), inputs], 1); //                  [B, T + 1, X]
    const previous = tf.slice(sequence, [0, 0, 0], [-1, length, -1]);
    const pairs = tf.reshape<tf.Rank.R2>(tf.concat([inputs, previous], 2), [sizeProduct(batch, length), 2 * depth]);
    const joined = tf.matMul<tf.Tensor2D>(pairs, tensor2(weights, 'encoder.pair.kernel'));
    const last = tf.slice(sequence, [0, length, 0], [-1, 1, -1]);
    const vectors = residualMlp(weights, 'encoder.pair.mlp', joined);
    return {
      vectors: tf.reshape(vectors, [batch, length, vectors.shape[1]]),
      states: { 'state.before': tf.reshape(last, [batch, depth]) },
    };
  });
}

/** First weights: W is N(0, 1 / inputs), the network starts near the identity. */
export function initPairEncoder(depth: number, units: number, random: Random): Record<string, HostArray> {
  return {
    'encoder.pair.kernel': normalArray(random, [2 * depth, units], 1 / Math.sqrt(2 * depth)),
    ...initResidualMlp('encoder.pair.mlp', units, 0.5 / Math.sqrt(2 * units), random),
  };
}
