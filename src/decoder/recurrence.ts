/**
 * The decoder's recurrent unit, whichever cell it has: its weights are called `decoder.gru.*` or `decoder.lstm.*`.
 *
 * The first state is zeros, or `s_0 = tanh(W f + b)` of the encoder's last state f; an LSTM's cell state has a W and b of
 * its own. References: Bahdanau, Cho and Bengio, 2015, appendix A.2.2, https://arxiv.org/abs/1409.0473
 *
 * Departures: f is whatever the encoder hands on, of both directions where it has two; in Bahdanau's paper it is the
 * backward one's, and in Luong's an LSTM's state is copied, which wants encoder and decoder of one size.
 *
 * Shapes: B batch, H units, G gates (3 of a GRU, 4 of an LSTM), F depth of the encoder's last state.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { tensor1, tensor2 } from '../cell/typed-tensors.ts';
import { gruStep } from '../encoder/gru.ts';
import { lstmSequence } from '../encoder/lstm.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import type { DecoderConfig } from './config.ts';
import { lstmStep } from './lstm.ts';

type State = Readonly<Record<string, tf.Tensor>>;

/** Specs of the recurrent state: what `firstRecurrentState` and `recur` give. */
export function recurrentStates({ cell, units }: DecoderConfig): Record<string, TensorSpec> {
  const rows = floats('B', units);
  return { 'state.hidden': rows, ...(cell === 'lstm' ? { 'state.cell': rows } : {}) };
}

/**
 * The part `[N, G H]` of the unit's input that comes from embedded tokens, `[N, embedding]`, with the bias.
 */
export function projectTokens(weights: Weights, { cell }: DecoderConfig, embedded: tf.Tensor2D): tf.Tensor2D {
  const name = `decoder.${cell}`;
  return tf.add(tf.matMul(embedded, tensor2(weights, `${name}.token`)), weight(weights, `${name}.bias`));
}

/** What a step takes in beside its token: `decoder.gru.KIND` is the kernel of it. */
export type Fed = { readonly kind: 'context' | 'attentional'; readonly vector: tf.Tensor2D };

/** One step from `state`: `token` is `[B, G H]`, from `projectTokens`. */
export function recur(
  weights: Weights,
  { cell }: DecoderConfig,
  token: tf.Tensor2D,
  fed: Fed | undefined,
  state: State,
): { readonly hidden: tf.Tensor2D; readonly state: Record<string, tf.Tensor2D> } {
  const input =
    fed === undefined
      ? token
      : tf.add<tf.Tensor2D>(token, tf.matMul(fed.vector, tensor2(weights, `decoder.${cell}.${fed.kind}`)));
  const before = tensor2(state, 'state.hidden');
  const kernel = tensor2(weights, `decoder.${cell}.hidden`);
  if (cell === 'gru') {
    const candidateBias = tensor1(weights, 'decoder.gru.candidateBias'); // [H]
    const hidden = gruStep({ kernel, candidateBias }, input, before);
    return { hidden, state: { 'state.hidden': hidden } };
  }
  const after = lstmStep(kernel, input, { hidden: before, cell: tensor2(state, 'state.cell') });
  return { hidden: after.hidden, state: { 'state.hidden': after.hidden, 'state.cell': after.cell } };
}

/**
 * The hidden state after each of S steps, `[B, S, H]`, of an LSTM that takes in nothing but tokens, `embedded` `[B, S, embedding]`: what
 * `recur` gives a step at a time, in one call.
 */
export function recurOverTokens(weights: Weights, embedded: tf.Tensor3D, state: State): tf.Tensor3D {
  const kernels = [tensor2(weights, 'decoder.lstm.token'), tensor2(weights, 'decoder.lstm.hidden')];
  const { outputs } = lstmSequence({
    inputs: tf.transpose(embedded, [1, 0, 2]), // [S, B, embedding]
    kernel: tf.concat<tf.Tensor2D>(kernels, 0), //  [embedding + H, 4 H]
    bias: tensor1(weights, 'decoder.lstm.bias'),
    hidden: tensor2(state, 'state.hidden'),
    cell: tensor2(state, 'state.cell'),
  });
  return tf.transpose(outputs, [1, 0, 2]);
}

/** The state before the first step, made of `final`, `[B, F]`: for a decoder whose `firstState` is the encoder's. */
export function stateFromEncoder(
  weights: Weights,
  config: DecoderConfig,
  final: tf.Tensor2D,
): Record<string, tf.Tensor2D> {
  const projected = (name: string): tf.Tensor2D =>
    tf.tanh(tf.add<tf.Tensor2D>(tf.matMul(final, tensor2(weights, `${name}.kernel`)), weight(weights, `${name}.bias`)));
  const hidden = projected('decoder.start');
  return {
    'state.hidden': hidden,
    ...(config.cell === 'lstm' ? { 'state.cell': projected('decoder.start.cell') } : {}),
  };
}

/** First weights of the unit, where `fed` is what a step takes in and how deep it is. */
export function initRecurrence(
  { cell, units, embedding }: DecoderConfig,
  fed: { readonly kind: Fed['kind']; readonly depth: number } | undefined,
  random: Random,
): Record<string, HostArray> {
  const width = cell === 'gru' ? 3 * units : 4 * units;
  const inputs = embedding + (fed?.depth ?? 0);
  const kernel = (rows: number, fanIn: number): HostArray => normalArray(random, [rows, width], 1 / Math.sqrt(fanIn));
  const name = `decoder.${cell}`;
  return {
    [`${name}.token`]: kernel(embedding, inputs),
    ...(fed === undefined ? {} : { [`${name}.${fed.kind}`]: kernel(fed.depth, inputs) }),
    [`${name}.hidden`]: kernel(units, units),
    [`${name}.bias`]: cell === 'gru' ? zeros(width) : openForgetGates(units),
    ...(cell === 'gru' ? { 'decoder.gru.candidateBias': zeros(units) } : {}),
  };
}

/** First weights of `stateFromEncoder`. */
export function initStart(
  { cell, units }: DecoderConfig,
  finalDepth: number,
  random: Random,
): Record<string, HostArray> {
  const projection = (name: string): Record<string, HostArray> => ({
    [`${name}.kernel`]: normalArray(random, [finalDepth, units], 1 / Math.sqrt(finalDepth)),
    [`${name}.bias`]: zeros(units),
  });
  return { ...projection('decoder.start'), ...(cell === 'lstm' ? projection('decoder.start.cell') : {}) };
}

function zeros(size: number): HostArray {
  return { shape: [size], data: new Float32Array(size) };
}

/** Forget gates start open (Jozefowicz et al., 2015). */
function openForgetGates(units: number): HostArray {
  return { shape: [4 * units], data: new Float32Array(4 * units).fill(1, 2 * units, 3 * units) };
}
