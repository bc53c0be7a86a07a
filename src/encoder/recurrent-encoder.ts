/**
 * The recurrent encoder: a dense front that sees one vector's input and the one before it, then LSTM, GRU, plain or delta-rule layers with layer
 * normalisation. Causal, so a vector never changes once made, and its state is `[B, ...]` arrays of fixed size.
 *
 * Shapes: B batch, T vectors, F depth of an input (stacked frames flattened, or an embedding), D units.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import type { Axis, TensorSpec } from '../cell/tensor-spec.ts';
import type { EncoderConfig } from './config.ts';
import { deltaState, runDeltaLayer } from './delta-layer.ts';
import type { Dropout } from './dropout.ts';
import { layerNorm } from './layer-norm.ts';
import { gruSequence } from './gru-sequence.ts';
import { lstmSequence } from './lstm.ts';
import { rnnSequence } from './rnn-sequence.ts';
import { weight } from '../cell/cell.ts';
import { sizeProduct } from '../cell/size.ts';
import { ofRank4, tensor1, tensor2 } from '../cell/typed-tensors.ts';

export type EncoderOutput = {
  /** Encoded vectors `[B, T, D]`. */ readonly vectors: tf.Tensor3D;
  /** `[B, D]`: each direction's last state, where that is not the newest vector. */ readonly final?: tf.Tensor2D;
  /** `[B, T]`, of encoder `surprise`: what its prediction missed, 0 to 1, whose mean belongs into the loss. */ readonly surprise?: tf.Tensor2D;
  /** States for the next call, under the names of `encoderStates`. */ readonly states: Record<string, tf.Tensor>;
};

export type RecurrentEncoderConfig = Extract<EncoderConfig, { readonly kind: 'lstm' | 'gru' | 'rnn' | 'delta' }>;

/** The recurrent encoder's states: the last input, and each layer's hidden vectors or associations and, of an LSTM, cell vectors. */
export function recurrentStates(config: RecurrentEncoderConfig, depth: number): Record<string, TensorSpec> {
  const { kind, units, layers } = config;
  const rows = (size: Axis): TensorSpec => ({ shape: ['B', size], dtype: 'float32' });
  const layerStates = Array.from({ length: layers }, (_, layer) => [
    [`state.hidden.${layer}`, kind === 'delta' ? deltaState(config) : rows(units)] as const,
    ...(kind === 'lstm' ? [[`state.cell.${layer}`, rows(units)] as const] : []),
  ]);
  return { 'state.previous': rows(depth), ...Object.fromEntries(layerStates.flat()) };
}

/** Encodes `frames`, `[B, T, F]`, going on from `states`. */
export function encodeRecurrently(
  weights: Weights,
  config: RecurrentEncoderConfig,
  frames: tf.Tensor3D,
  states: Readonly<Record<string, tf.Tensor>>,
  dropout: Dropout,
): EncoderOutput {
  const { kind, layers } = config;
  const [batch, length, depth] = frames.shape;
  const next: Record<string, tf.Tensor> = {};
  const previous = tf.reshape(tensor2(states, 'state.previous'), [batch, 1, depth]);
  const padded = tf.concat([previous, frames], 1); //                                       [B, T + 1, F]
  next['state.previous'] = tf.reshape(tf.slice(padded, [0, length, 0], [batch, 1, depth]), [batch, depth]);
  const previousFrames = tf.slice(padded, [0, 0, 0], [batch, length, depth]); //            [B, T, F]
  const timeMajor = tf.transpose(tf.concat([previousFrames, frames], 2), [1, 0, 2]); //     [T, B, 2 F]
  const flat = tf.reshape(timeMajor, [sizeProduct(length, batch), 2 * depth]);
  const projected = tf.add(
    tf.matMul(flat, tensor2(weights, 'encoder.inputProjection.kernel')),
    weight(weights, 'encoder.inputProjection.bias'),
  );
  let hidden = tf.relu(normalize(weights, 'encoder.inputProjection.norm', projected)); //             [T B, D]
  for (let layer = 0; layer < layers; layer++) {
    const name = `encoder.${kind}.${layer}`;
    const units = hidden.shape[1]!;
    const run = runLayer(weights, config, layer, tf.reshape(dropout(hidden), [length, batch, units]), states);
    Object.assign(next, run.states);
    hidden = normalize(weights, `${name}.norm`, tf.reshape(run.outputs, [sizeProduct(length, batch), units]));
  }
  const vectors = tf.transpose<tf.Tensor3D>(tf.reshape(hidden, [length, batch, hidden.shape[1]!]), [1, 0, 2]);
  return { vectors, states: next };
}

function runLayer(
  weights: Weights,
  config: RecurrentEncoderConfig,
  layer: number,
  inputs: tf.Tensor3D,
  states: Readonly<Record<string, tf.Tensor>>,
): { readonly outputs: tf.Tensor3D; readonly states: Record<string, tf.Tensor> } {
  const { kind } = config;
  const name = `encoder.${kind}.${layer}`;
  const [hiddenName, cellName] = [`state.hidden.${layer}`, `state.cell.${layer}`];
  if (kind === 'delta') {
    const run = runDeltaLayer(weights, name, config, inputs, ofRank4(weight(states, hiddenName)));
    return { outputs: run.outputs, states: { [hiddenName]: run.state } };
  }
  const given = {
    inputs,
    kernel: tensor2(weights, `${name}.kernel`),
    bias: tensor1(weights, `${name}.bias`),
    hidden: tensor2(states, hiddenName),
  };
  if (kind === 'gru') {
    const run = gruSequence({ ...given, candidateBias: tensor1(weights, `${name}.candidateBias`) });
    return { outputs: run.outputs, states: { [hiddenName]: run.hidden } };
  }
  if (kind === 'rnn') {
    const run = rnnSequence(given);
    return { outputs: run.outputs, states: { [hiddenName]: run.hidden } };
  }
  const run = lstmSequence({ ...given, cell: tensor2(states, cellName) });
  return { outputs: run.outputs, states: { [hiddenName]: run.hidden, [cellName]: run.cell } };
}

function normalize<T extends tf.Tensor>(weights: Weights, name: string, x: T): T {
  return layerNorm(x, weight(weights, `${name}.gain`), weight(weights, `${name}.offset`));
}
