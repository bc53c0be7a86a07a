/** The encoder of a model, whichever kind its config names: states, first weights, and the run over a chunk of frames. */
import type * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import type { TensorSpec } from '../cell/tensor-spec.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { EncoderConfig } from './config.ts';
import { convolutionalStates, encodeByConvolution } from './convolutional-encoder.ts';
import type { Dropout } from './dropout.ts';
import { type EncoderOutput, encodeRecurrently, recurrentStates } from './recurrent-encoder.ts';

/** The kinds that frames of audio go through. */
export type FrameEncoder =
  | { readonly kind: 'lstm'; readonly units: number; readonly layers: number }
  | Extract<EncoderConfig, { readonly kind: 'convolution' }>;

/**
 * Specs of the arrays that go from chunk to chunk; `depth` is the size of one vector's stacked frames. Names start with
 * `state.`.
 */
export function encoderStates(config: FrameEncoder, depth: number): Record<string, TensorSpec> {
  return config.kind === 'lstm'
    ? recurrentStates(depth, config.units, config.layers)
    : convolutionalStates(config.units, config.layers, config.kernel);
}

/** Encodes `frames` of shape `[B, T, depth]`; `dropout` goes before every layer. */
export function encode(
  weights: Weights,
  config: FrameEncoder,
  frames: tf.Tensor3D,
  states: Readonly<Record<string, tf.Tensor>>,
  dropout: Dropout,
): EncoderOutput {
  return config.kind === 'lstm'
    ? encodeRecurrently(weights, config.layers, frames, states, dropout)
    : encodeByConvolution(weights, config, frames, states, dropout);
}

/** First weights, by checkpoint name: kernels N(0, 1 / inputs), gains 1, biases and offsets 0, forget gates open. */
export function initEncoder(config: FrameEncoder, depth: number, random: Random): Record<string, HostArray> {
  const { units } = config;
  const recurrent = config.kind === 'lstm';
  const weights: Record<string, HostArray> = {
    ...denseWeights('encoder.inputProjection', recurrent ? 2 * depth : depth, units, random),
  };
  for (let layer = 0; layer < config.layers; layer++) {
    const added = recurrent
      ? lstmWeights(`encoder.lstm.${layer}`, units, random)
      : denseWeights(`encoder.convolution.${layer}`, config.kernel * units, units, random);
    Object.assign(weights, added);
  }
  return weights;
}

function denseWeights(name: string, inputs: number, units: number, random: Random): Record<string, HostArray> {
  return {
    [`${name}.kernel`]: normalMatrix([inputs, units], random),
    [`${name}.bias`]: filled([units], 0),
    ...normWeights(name, units),
  };
}

function lstmWeights(name: string, units: number, random: Random): Record<string, HostArray> {
  const bias = filled([4 * units], 0);
  bias.data.fill(1, 2 * units, 3 * units); // forget gates start open (Jozefowicz et al., 2015)
  return {
    [`${name}.kernel`]: normalMatrix([2 * units, 4 * units], random),
    [`${name}.bias`]: bias,
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
