/** The cells of a speech recogniser, by name: what is exported to ONNX and run by executors while streaming. */
import * as tf from '@tensorflow/tfjs-core';

import { decoderStates } from '../decoder/decoder.ts';
import { decodeStep, decoderKeyDepth, prepareDecoderMemory } from '../decoder/decoder.ts';
import { noDropout } from '../encoder/dropout.ts';
import { encode, encoderStates } from '../encoder/encoder.ts';
import { projectEntries, read } from '../memory/read.ts';
import { childSlots, type NodeKind, summarize } from '../memory/summarize.ts';
import type { Cell } from '../cell/cell.ts';
import type { Axis, TensorSpec } from '../cell/tensor-spec.ts';
import type { ModelConfig } from './config.ts';
import { ctcLogits } from '../ctc/head.ts';
import { weight } from '../cell/cell.ts';

/** Axes: B batch, T vectors, Q queries, E memory entries. */
export function cellsOf(config: ModelConfig): Cell[] {
  return [
    encodeCell(config),
    summarizeCell(config, 'leaf'),
    summarizeCell(config, 'inner'),
    readCell(config),
    decodePrepareCell(config),
    decodeStepCell(config),
  ];
}

/** F: size of one vector's stacked frames, flattened. */
export function frameDepth({ features, encoder }: ModelConfig): number {
  return features.bandCount * encoder.stack;
}

function floats(...shape: Axis[]): TensorSpec {
  return { shape, dtype: 'float32' };
}

function encodeCell(config: ModelConfig): Cell {
  const { units } = config.encoder;
  const states = encoderStates(config.encoder, frameDepth(config));
  const vectors = floats('B', 'T', units);
  return {
    name: 'encode',
    inputs: { frames: floats('B', 'T', frameDepth(config)), ...states },
    outputs: { vectors, keys: vectors, values: vectors, ...states },
    run: (weights, inputs) => {
      const frames = weight(inputs, 'frames') as tf.Tensor3D; // its spec says so, as for the inputs below
      const encoded = encode(weights, config.encoder, frames, inputs, noDropout);
      return {
        vectors: encoded.vectors,
        ...projectEntries(weights, config.memory, encoded.vectors),
        ...encoded.states,
      };
    },
  };
}

function summarizeCell(config: ModelConfig, kind: NodeKind): Cell {
  const { depth, slots } = config.memory;
  const children = childSlots(config.memory, kind);
  const summary = floats('B', slots, depth);
  return {
    name: kind === 'leaf' ? 'summariseLeaf' : 'summariseInner',
    inputs: { children: floats('B', children, depth), mass: floats('B', children) },
    outputs: { slots: summary, keys: summary, values: summary, pooling: floats('B', slots, children) },
    run: (weights, inputs) =>
      summarize(
        weights,
        config.memory,
        { children: weight(inputs, 'children') as tf.Tensor3D, mass: weight(inputs, 'mass') as tf.Tensor2D },
        kind,
      ),
  };
}

function readCell(config: ModelConfig): Cell {
  const { depth } = config.memory;
  const entries = floats('B', 'E', depth);
  return {
    name: 'read',
    inputs: { queries: floats('B', 'Q', depth), keys: entries, values: entries, bias: floats('B', 'Q', 'E') },
    outputs: {
      outputs: floats('B', 'Q', depth),
      logProbabilities: floats('B', 'Q', config.vocabulary.labels.length + 1),
      alignment: floats('B', 'Q', 'E'),
    },
    run: (weights, inputs) => {
      const { outputs, alignment } = read(weights, config.memory, {
        queries: weight(inputs, 'queries') as tf.Tensor3D,
        keys: weight(inputs, 'keys') as tf.Tensor3D,
        values: weight(inputs, 'values') as tf.Tensor3D,
        bias: weight(inputs, 'bias') as tf.Tensor3D,
      });
      return { outputs, alignment, logProbabilities: tf.logSoftmax(ctcLogits(weights, outputs)) };
    },
  };
}

function decodePrepareCell(config: ModelConfig): Cell {
  const { depth } = config.memory;
  return {
    name: 'decodePrepare',
    inputs: { entries: floats('B', 'E', depth) },
    outputs: { keys: floats('B', 'E', decoderKeyDepth(config.decoder, depth)) },
    run: (weights, inputs) => ({
      keys: prepareDecoderMemory(weights, config.decoder, weight(inputs, 'entries') as tf.Tensor3D),
    }),
  };
}

function decodeStepCell(config: ModelConfig): Cell {
  const { depth } = config.memory;
  const states = decoderStates(config.decoder);
  return {
    name: 'decodeStep',
    inputs: {
      token: { shape: ['B'], dtype: 'int32' },
      keys: floats('B', 'E', decoderKeyDepth(config.decoder, depth)),
      values: floats('B', 'E', depth),
      bias: floats('B', 'E'),
      ...states,
    },
    outputs: {
      logProbabilities: floats('B', config.vocabulary.labels.length + 1),
      alignment: floats('B', 'E'),
      ...states,
    },
    run: (weights, inputs) => {
      const { logProbabilities, alignment, state } = decodeStep(weights, config.decoder, {
        token: weight(inputs, 'token') as tf.Tensor1D,
        keys: weight(inputs, 'keys') as tf.Tensor3D,
        values: weight(inputs, 'values') as tf.Tensor3D,
        bias: weight(inputs, 'bias') as tf.Tensor2D,
        state: inputs,
      });
      return { logProbabilities, alignment, ...state };
    },
  };
}
