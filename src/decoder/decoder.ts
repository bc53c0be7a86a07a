/**
 * The attention decoder a step at a time: what searches run. Nothing is kept between calls but what they hand over.
 *
 * Shapes: B hypotheses, E entries, D memory depth, K key depth, L labels (0 is the start and end symbol).
 */
import * as tf from '@tensorflow/tfjs-core';

import { prefixed } from '../attention/named-weights.ts';
import type { Weights } from '../cell/cell.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { weight } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import { HearkenError } from '../errors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import type { DecoderConfig } from './config.ts';
import { initRecurrence, initStart, projectTokens, recurrentStates, stateFromEncoder } from './recurrence.ts';
import { decoderStep, attentionWeights, type DecoderState, fedKind, mechanismOf, outputLogits } from './step.ts';

export type DecodeInputs = {
  /** `[B]`, int32: the label before, 0 at the start. */ readonly token: tf.Tensor1D;
  /** `[B, E, K]`, from `prepareDecoderMemory`. */ readonly keys: tf.Tensor3D;
  /** `[B, E, D]`: the memory's entries. */ readonly values: tf.Tensor3D;
  /** `[B, E]`: 0 or a log-mass, -1e9 on entries that may not be seen. */ readonly bias: tf.Tensor2D;
  /** By the names of `decoderStates`: at the start what `decodeStart` gives, and zeros where it gives nothing. */
  readonly state: DecoderState;
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
  /** F: depth of the encoder's last state, for a decoder whose `firstState` is made of it. */
  readonly finalDepth?: number | undefined;
};

/** Specs of the arrays that a hypothesis carries from step to step, by the names of the cell's inputs. */
export function decoderStates(config: DecoderConfig): Record<string, TensorSpec> {
  return {
    ...recurrentStates(config),
    ...(fedKind(config) === 'attentional' ? { 'state.attentional': floats('B', config.units) } : {}),
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

/**
 * The state before the first step, of the encoder's last state `final`, `[B, F]`; nothing for a decoder that starts at
 * zeros. Once an utterance. Throws `tensor/shape`.
 */
export function decodeStart(weights: Weights, config: DecoderConfig, final: tf.Tensor2D): Record<string, tf.Tensor2D> {
  if (config.firstState === 'zeros') return {};
  assertShape('final', final, [null, tensor2(weights, 'decoder.start.kernel').shape[0]]);
  return tf.tidy(() => stateFromEncoder(weights, config, final));
}

/** One step, in which attention that stops at entries does so hard. Throws `tensor/shape` where an input does not fit the others. */
export function decodeStep(weights: Weights, config: DecoderConfig, inputs: DecodeInputs): DecodeOutputs {
  const { keys, values, bias, state } = inputs;
  const [batch, entries] = values.shape;
  assertShape('token', inputs.token, [batch]);
  assertShape('keys', keys, [batch, entries, null]);
  assertShape('bias', bias, [batch, entries]);
  const names = Object.keys(decoderStates(config));
  return tf.tidy(() => {
    const embedded = tf.gather(tensor2(weights, 'decoder.embedding'), inputs.token); // [B, embedding]
    const token = projectTokens(weights, config, embedded);
    const memory = { keys, values, bias };
    const mechanism = mechanismOf(config, { stops: 'hard' });
    const after = decoderStep(weights, config, { mechanism, memory, token, state });
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
 * First weights by checkpoint name, `decoder.*`: kernels N(0, 1 / inputs), embeddings N(0, 0.3²), biases 0 and an LSTM's
 * forget gates open. Throws `option/out-of-range` where score and sizes do not go together.
 */
export function initDecoder(
  config: DecoderConfig,
  { depth, labelCount, finalDepth }: DecoderSizes,
  random: Random,
): Record<string, HostArray> {
  const { order, units, embedding, attentionUnits, firstState } = config;
  const kernel = (inputs: number, outputs: number): HostArray =>
    normalArray(random, [inputs, outputs], 1 / Math.sqrt(inputs));
  const kind = fedKind(config);
  const fed = kind && { kind, depth: kind === 'attentional' ? units : depth };
  const attention = mechanismOf(config).init({ queryDepth: units, memoryDepth: depth, attentionUnits }, random);
  return {
    'decoder.embedding': normalArray(random, [labelCount + 1, embedding], 0.3),
    ...initRecurrence(config, fed, random),
    ...prefixed(attention, 'decoder.attention.'),
    ...(order === 'luong' ? { 'decoder.attentional.kernel': kernel(depth + units, units) } : {}),
    'decoder.output.kernel': kernel(featureDepth(config, depth), labelCount + 1),
    'decoder.output.bias': { shape: [labelCount + 1], data: new Float32Array(labelCount + 1) },
    ...(firstState === 'encoder' ? initStart(config, finalDepthOf(finalDepth), random) : {}),
  };
}

function finalDepthOf(finalDepth: number | undefined): number {
  if (finalDepth !== undefined) return finalDepth;
  throw new HearkenError(
    'option/out-of-range',
    'Expected `finalDepth`, the depth of the encoder’s last state that the decoder starts from, got none',
  );
}
