/**
 * What one step of the decoder does, whether it runs alone or inside a whole sequence.
 *
 * Bahdanau's order:                           Luong's order, with input feeding:
 *
 *     c_i, a_i = attend(s_{i-1})                  s_i = recur([y_{i-1}; t_{i-1}], s_{i-1})
 *     s_i = recur([y_{i-1}; c_i], s_{i-1})        c_i, a_i = attend(s_i)
 *     features = [s_i; c_i]                       features = t_i = tanh(W [c_i; s_i])
 *
 * Without input feeding Luong's s_i is recur(y_{i-1}, s_{i-1}). The unit that recurs is a GRU, as in Bahdanau's paper, or
 * an LSTM, as in Luong's; s_0 is zeros or made of the encoder's last state (`recurrence.ts`).
 *
 * References: Bahdanau, Cho and Bengio, 2015, section 3.1, https://arxiv.org/abs/1409.0473; Luong, Pham and Manning,
 * 2015, equation 5 and section 3.3, https://arxiv.org/abs/1508.04025
 *
 * Departures: in Bahdanau's order the label is a linear function of [s_i; c_i], where the paper has a maxout layer over
 * s_i, y_{i-1} and c_i: y_{i-1} counts only through s_i. One layer recurs, where Luong's paper stacks four.
 *
 * Shapes: B batch, E entries, D memory depth, H units, G gates of the unit, F features (H for Luong, H + D for Bahdanau).
 */
import * as tf from '@tensorflow/tfjs-core';

import { attentionNamed } from '../attention/attention-named.ts';
import type { Attended, AttentionMechanism, AttentionState, PreparedMemory } from '../attention/mechanism.ts';
import { prefixed, under } from '../attention/named-weights.ts';
import type { StopOptions } from '../attention/stops.ts';
import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import { tensor2 } from '../cell/typed-tensors.ts';
import type { DecoderConfig } from './config.ts';
import { type Fed, recur } from './recurrence.ts';

/** State of the decoder by the names of `decoderStates`. */
export type DecoderState = Readonly<Record<string, tf.Tensor>>;

export type DecoderStepOutput = {
  /** `[B, F]` */ readonly features: tf.Tensor2D;
  /** `[B, E]` */ readonly alignment: tf.Tensor2D;
  /** State after the step by the names of `decoderStates`. */
  readonly state: Record<string, tf.Tensor2D>;
};

export type StepInputs = {
  readonly mechanism: AttentionMechanism;
  readonly memory: PreparedMemory;
  /** `[B, G H]`, from `projectTokens`: the token before. */ readonly token: tf.Tensor2D;
  readonly state: DecoderState;
};

/** The mechanism by which a decoder attends; `options` say how one that stops does. */
export function mechanismOf({ attention }: DecoderConfig, options: StopOptions = {}): AttentionMechanism {
  return attentionNamed(attention, options);
}

/** What a step takes in beside its token: nothing in Luong's order without input feeding. */
export function fedKind({ order, inputFeeding }: DecoderConfig): Fed['kind'] | undefined {
  if (order === 'bahdanau') return 'context';
  return inputFeeding ? 'attentional' : undefined;
}

/** The mechanism's weights by their short names. */
export function attentionWeights(weights: Weights): Weights {
  return under(weights, 'decoder.attention.');
}

/** The mechanism's state as part of a decoder's. */
export function decoderStateOf(state: AttentionState): Record<string, tf.Tensor2D> {
  return prefixed(state, 'state.');
}

/** One step. */
export function decoderStep(weights: Weights, config: DecoderConfig, inputs: StepInputs): DecoderStepOutput {
  const { token, state } = inputs;
  if (config.order === 'bahdanau') {
    const { context, alignment, state: attended } = attendWith(weights, inputs, tensor2(state, 'state.hidden'));
    const after = recur(weights, config, token, { kind: 'context', vector: context }, state);
    const next = { ...after.state, ...decoderStateOf(attended) };
    return { features: tf.concat<tf.Tensor2D>([after.hidden, context], 1), alignment, state: next };
  }
  const kind = fedKind(config);
  const fed = kind && { kind, vector: tensor2(state, 'state.attentional') };
  const after = recur(weights, config, token, fed, state);
  const { features, alignment, state: attended } = attendAfterwards(weights, inputs, after.hidden);
  const carried = kind === undefined ? {} : { 'state.attentional': features };
  return { features, alignment, state: { ...after.state, ...carried, ...attended } };
}

/** The part of a step in Luong's order that follows `hidden`, s_i: c_i, a_i and t_i, and what the mechanism keeps. */
export function attendAfterwards(
  weights: Weights,
  inputs: Omit<StepInputs, 'token'>,
  hidden: tf.Tensor2D,
): DecoderStepOutput {
  const { context, alignment, state } = attendWith(weights, inputs, hidden);
  const features = tf.tanh<tf.Tensor2D>(
    tf.matMul(tf.concat([context, hidden], 1), tensor2(weights, 'decoder.attentional.kernel')),
  );
  return { features, alignment, state: decoderStateOf(state) };
}

function attendWith(
  weights: Weights,
  { mechanism, memory, state }: Omit<StepInputs, 'token'>,
  query: tf.Tensor2D,
): Attended {
  const names = Object.keys(mechanism.states);
  const before = Object.fromEntries(names.map((name) => [name, tensor2(state, `state.${name}`)]));
  return mechanism.attend(attentionWeights(weights), query, memory, before);
}

/** `[N, F]` to `[N, L + 1]`. */
export function outputLogits(weights: Weights, features: tf.Tensor2D): tf.Tensor2D {
  return tf.add(tf.matMul(features, tensor2(weights, 'decoder.output.kernel')), weight(weights, 'decoder.output.bias'));
}
