/** The encoder of a model, whichever kind its config names: states, first weights, and the run over a chunk or a batch. */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import type { TensorSpec } from '../cell/tensor-spec.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { sizeOf } from '../tensor/shape.ts';
import { encodeBothWays, initBothWays } from './both-ways-encoder.ts';
import { type EncoderConfig, isCausal } from './config.ts';
import { convolutionalStates, encodeByConvolution } from './convolutional-encoder.ts';
import { initDeltaLayer } from './delta-layer.ts';
import { dilatedStates, encodeDilated, initDilated } from './dilated-encoder.ts';
import type { Dropout } from './dropout.ts';
import { encodeGrid, initGrid } from './grid-encoder.ts';
import { encodePairs, initPairEncoder, pairStates } from './pair-encoder.ts';
import { type EncoderOutput, encodeRecurrently, recurrentStates } from './recurrent-encoder.ts';
import { encodeBySelfAttention, initSelfAttention, selfAttentionStates } from './self-attention-encoder.ts';
import { encodeBySurprise, initSurprise, surpriseStates } from './surprise-encoder.ts';
import { stackedStates, stackedWeights, upperStates, upperWeights } from './stacked-encoder.ts';

/**
 * Specs of the arrays that go from chunk to chunk; `depth` is the size of one vector's input. Names start with `state.`. None of an encoder
 * that does not stream.
 */
export function encoderStates(config: EncoderConfig, depth: number): Record<string, TensorSpec> {
  if (!isCausal(config)) return {};
  switch (config.kind) {
    case 'none':
      return {};
    case 'pair':
      return pairStates(depth);
    case 'lstm':
    case 'gru':
    case 'rnn':
    case 'delta':
      return recurrentStates(config, depth);
    case 'convolution':
      return convolutionalStates(config.units, config.layers, config.kernel);
    case 'dilated':
      return dilatedStates(config);
    case 'surprise':
      return surpriseStates(config, depth);
    case 'self-attention':
      return selfAttentionStates(config);
    case 'grid':
      return {};
    case 'stacked':
      return {
        ...encoderStates(config.below, depth),
        ...stackedStates(encoderStates(config.above, config.below.units)),
      };
    default:
      return config satisfies never;
  }
}

/** The states of `batch` sequences at their start: zeros. */
export function encoderStart(config: EncoderConfig, depth: number, batch: number): Record<string, tf.Tensor> {
  const states = Object.entries(encoderStates(config, depth)).map(([name, { shape }]) => [
    name,
    tf.zeros(shape.map((axis) => (typeof axis === 'number' ? axis : batch))),
  ]);
  return Object.fromEntries(states) as Record<string, tf.Tensor>; // of such
}

/**
 * Encodes `inputs` of shape `[B, T, depth]`, going on from `states`; `dropout` goes before every layer. `lengths`, the inputs of each row,
 * are for encoders that look both ways: what a causal one makes of a row does not depend on the padding behind it.
 */
export function encode(
  weights: Weights,
  config: EncoderConfig,
  inputs: tf.Tensor3D,
  states: Readonly<Record<string, tf.Tensor>>,
  dropout: Dropout,
  lengths?: readonly number[] | tf.Tensor1D,
): EncoderOutput {
  switch (config.kind) {
    case 'none':
      return { vectors: dropout(inputs), states: {} };
    case 'pair':
      return encodePairs(weights, dropout(inputs), states);
    case 'lstm':
    case 'gru':
      return isCausal(config)
        ? encodeRecurrently(weights, config, inputs, states, dropout)
        : encodeBothWays(weights, config, inputs, dropout, lengths);
    case 'rnn':
    case 'delta':
      return encodeRecurrently(weights, config, inputs, states, dropout);
    case 'convolution':
      return encodeByConvolution(weights, config, inputs, states, dropout);
    case 'dilated':
      return encodeDilated(weights, config, inputs, states, dropout);
    case 'surprise':
      return encodeBySurprise(weights, config, inputs, states, dropout);
    case 'self-attention':
      return encodeBySelfAttention(weights, config, inputs, states, dropout, lengths);
    case 'grid':
      return encodeGrid(weights, config, inputs, dropout);
    case 'stacked': {
      const { below, above } = config;
      const lower = encode(weights, below, inputs, states, dropout);
      const upper = encode(upperWeights(weights), above, lower.vectors, upperStates(states), dropout);
      return { ...upper, states: { ...lower.states, ...stackedStates(upper.states) } };
    }
    default:
      return config satisfies never;
  }
}

/** First weights, by checkpoint name: kernels N(0, 1 / inputs), gains 1, biases and offsets 0, forget gates open. */
export function initEncoder(config: EncoderConfig, depth: number, random: Random): Record<string, HostArray> {
  switch (config.kind) {
    case 'none':
      return {};
    case 'pair':
      return initPairEncoder(depth, config.units, random);
    case 'lstm':
    case 'gru':
      return isCausal(config)
        ? layerWeights(config, 2 * depth, random, (name) => recurrentWeights(name, config.kind, config.units, random))
        : initBothWays(config, depth, random);
    case 'rnn':
      return layerWeights(config, 2 * depth, random, (name) => recurrentWeights(name, 'rnn', config.units, random));
    case 'delta':
      return layerWeights(config, 2 * depth, random, (name) => ({
        ...initDeltaLayer(name, config, random),
        ...normWeights(name, config.units),
      }));
    case 'convolution':
      return layerWeights(config, depth, random, (name) =>
        denseWeights(name, config.kernel * config.units, config.units, random),
      );
    case 'dilated':
      return initDilated(config, depth, random);
    case 'surprise':
      return initSurprise(config, depth, random);
    case 'self-attention':
      return initSelfAttention(config, depth, random);
    case 'grid':
      return initGrid(config, random);
    case 'stacked':
      return {
        ...initEncoder(config.below, depth, random),
        ...stackedWeights(initEncoder(config.above, config.below.units, random)),
      };
    default:
      return config satisfies never;
  }
}

function layerWeights(
  { kind, units, layers }: { readonly kind: string; readonly units: number; readonly layers: number },
  inputs: number,
  random: Random,
  layerOf: (name: string) => Record<string, HostArray>,
): Record<string, HostArray> {
  const weights = denseWeights('encoder.inputProjection', inputs, units, random);
  for (let layer = 0; layer < layers; layer++) Object.assign(weights, layerOf(`encoder.${kind}.${layer}`));
  return weights;
}

function denseWeights(name: string, inputs: number, units: number, random: Random): Record<string, HostArray> {
  return {
    [`${name}.kernel`]: normalMatrix([inputs, units], random),
    [`${name}.bias`]: filled([units], 0),
    ...normWeights(name, units),
  };
}

function recurrentWeights(
  name: string,
  cell: 'lstm' | 'gru' | 'rnn',
  units: number,
  random: Random,
): Record<string, HostArray> {
  const gates = { lstm: 4, gru: 3, rnn: 1 }[cell];
  const bias = filled([gates * units], 0);
  if (cell === 'lstm') bias.data.fill(1, 2 * units, 3 * units); // forget gates start open (Jozefowicz et al., 2015)
  return {
    [`${name}.kernel`]: normalMatrix([2 * units, gates * units], random),
    [`${name}.bias`]: bias,
    ...(cell === 'gru' ? { [`${name}.candidateBias`]: filled([units], 0) } : {}),
    ...normWeights(name, units),
  };
}

function normWeights(name: string, units: number): Record<string, HostArray> {
  return { [`${name}.norm.gain`]: filled([units], 1), [`${name}.norm.offset`]: filled([units], 0) };
}

function normalMatrix(shape: [number, number], random: Random): HostArray {
  const scale = 1 / Math.sqrt(shape[0]);
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * scale) };
}

function filled(shape: number[], value: number): HostArray {
  return { shape, data: new Float32Array(sizeOf(shape)).fill(value) };
}
