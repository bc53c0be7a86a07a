/**
 * The attention decoder a step at a time: what searches run. Nothing is kept between calls but what they hand over.
 *
 * Shapes: B hypotheses, E entries, D memory depth, K key depth, L labels (0 is the start and end symbol).
 */
import * as tf from '@tensorflow/tfjs-core';

import { prefixed } from '../attention/named-weights.ts';
import type { Weights } from '../cell/cell.ts';
import type { TensorSpec } from '../cell/tensor-spec.ts';
import { weight } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import { decoderStep, attentionWeights, type DecoderState, mechanismOf, outputLogits, projectTokens } from './step.ts';
import type { DecoderConfig } from './config.ts';

export type DecodeInputs = {
  /** `[B]`, int32: the label before, 0 at the start. */ readonly token: tf.Tensor1D;
  /** `[B, E, K]`, from `prepareDecoderMemory`. */ readonly keys: tf.Tensor3D;
  /** `[B, E, D]`: the memory's entries. */ readonly values: tf.Tensor3D;
  /** `[B, E]`: 0 or a log-mass, -1e9 on entries that may not be seen. */ readonly bias: tf.Tensor2D;
  /** State of the decoder by the names of `decoderStates`; zeros at the start. */ readonly state: DecoderState;
};

export type DecodeOutputs = {
  /** `[B, L + 1]`; index 0 is the end. */ readonly logProbabilities: tf.Tensor2D;
  /** `[B, E]`; rows sum to 1. */ readonly alignment: tf.Tensor2D;
  /** State of the decoder after the step, by the names of `decoderStates`. */
  readonly state: Record<string, tf.Tensor>;
};

export type DecoderSizes = {
  /** D: depth of a memory entry. */ readonly depth: number;
  /** L: labels, without the end symbol. */ readonly labelCount: number;
};

/** Specs of the arrays that a hypothesis carries from step to step, by the names of the cell's inputs. */
export function decoderStates(config: DecoderConfig): Record<string, TensorSpec> {
  const { order, units } = config;
  const recurrent: TensorSpec = { shape: ['B', units], dtype: 'float32' };
  return {
    'state.hidden': recurrent,
    ...(order === 'luong' ? { 'state.attentional': recurrent } : {}),
    ...prefixed(mechanismOf(config).states, 'state.'),
  };
}

/** K: depth of the keys that `prepareDecoderMemory` makes of entries of depth `depth`. */
export function decoderKeyDepth(config: DecoderConfig, depth: number): number {
  const { units, attentionUnits } = config;
  return mechanismOf(config).keyDepth({ queryDepth: units, memoryDepth: depth, attentionUnits });
}

/** The decoder's keys of `entries`: `[B, E, D]` gives `[B, E, K]`. Once an utterance. */
export function prepareDecoderMemory(weights: Weights, config: DecoderConfig, entries: tf.Tensor3D): tf.Tensor3D {
  return mechanismOf(config).keys(attentionWeights(weights), entries);
}

/** One step, in which attention that stops at entries does so hard. Throws `tensor/shape` where an input does not fit the others. */
export function decodeStep(weights: Weights, config: DecoderConfig, inputs: DecodeInputs): DecodeOutputs {
  const { token, keys, values, bias, state } = inputs;
  const [batch, entries] = values.shape;
  assertShape('token', token, [batch]);
  assertShape('keys', keys, [batch, entries, null]);
  assertShape('bias', bias, [batch, entries]);
  const names = Object.keys(decoderStates(config));
  return tf.tidy(() => {
    const embedded = tf.gather(tensor2(weights, 'decoder.embedding'), token); // [B, embedding]
    const memory = { keys, values, bias };
    const mechanism = mechanismOf(config, { stops: 'hard' });
    const after = decoderStep(weights, config, { mechanism, memory, token: projectTokens(weights, embedded), state });
    return {
      logProbabilities: tf.logSoftmax(outputLogits(weights, after.features)),
      alignment: after.alignment,
      state: Object.fromEntries(names.map((name) => [name, weight(after.state, name)])),
    };
  });
}

/** Depth of what a step gives to the output layer: the attentional vector, or state and context side by side. */
function featureDepth({ order, units }: DecoderConfig, depth: number): number {
  return order === 'luong' ? units : units + depth;
}

/**
 * First weights by checkpoint name, `decoder.*`: kernels N(0, 1 / inputs), embeddings N(0, 0.3²), biases 0.
 * Throws `option/out-of-range` where score and sizes do not go together.
 */
export function initDecoder(
  config: DecoderConfig,
  { depth, labelCount }: DecoderSizes,
  random: Random,
): Record<string, HostArray> {
  const { order, units, embedding, attentionUnits } = config;
  const kernel = (inputs: number, outputs: number, fanIn = inputs): HostArray =>
    normalArray(random, [inputs, outputs], 1 / Math.sqrt(fanIn));
  const fed = order === 'luong' ? units : depth; // what a step takes in beside its token
  const attention = mechanismOf(config).init({ queryDepth: units, memoryDepth: depth, attentionUnits }, random);
  return {
    'decoder.embedding': normalArray(random, [labelCount + 1, embedding], 0.3),
    'decoder.gru.token': kernel(embedding, 3 * units, embedding + fed),
    [order === 'luong' ? 'decoder.gru.attentional' : 'decoder.gru.context']: kernel(fed, 3 * units, embedding + fed),
    'decoder.gru.hidden': kernel(units, 3 * units),
    'decoder.gru.bias': zeros(3 * units),
    'decoder.gru.candidateBias': zeros(units),
    ...prefixed(attention, 'decoder.attention.'),
    ...(order === 'luong' ? { 'decoder.attentional.kernel': kernel(depth + units, units) } : {}),
    'decoder.output.kernel': kernel(featureDepth(config, depth), labelCount + 1),
    'decoder.output.bias': zeros(labelCount + 1),
  };
}

function zeros(size: number): HostArray {
  return { shape: [size], data: new Float32Array(size) };
}
