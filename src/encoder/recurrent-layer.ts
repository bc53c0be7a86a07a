/**
 * One recurrent layer over a batch of sequences, each with its own end: forwards, or forwards and backwards.
 *
 *     forward_t = cell(x_t, forward_{t-1}),  backward_t = cell'(x_t, backward_{t+1}),  vector_t = [forward_t; backward_t]
 *
 * Reference: Schuster and Paliwal, 1997, https://doi.org/10.1109/78.650093 (both directions)
 *
 * A row's padding changes none of its vectors: the backward cell begins at the row's own last input.
 *
 * Shapes: B batch, T inputs of the longest, D input depth, U depth of a vector, H units a direction: U or U / 2.
 */
import * as tf from '@tensorflow/tfjs-core';

import { prefixed, under } from '../attention/named-weights.ts';
import type { Weights } from '../cell/cell.ts';
import { gatherRows } from '../cell/gather-rows.ts';
import { floats, type TensorSpec } from '../cell/tensor-spec.ts';
import { tensor1, tensor2 } from '../cell/typed-tensors.ts';
import { HearkenError } from '../errors.ts';
import type { HostArray } from '../tensor/host-array.ts';
import { normalArray, type Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';
import { gruSequence } from './gru-sequence.ts';
import { lstmSequence } from './lstm.ts';

export type RecurrentLayerConfig = {
  readonly cell: 'lstm' | 'gru';
  /** D */ readonly depth: number;
  /** U; even where it runs both ways. */ readonly units: number;
  /** `causal`: a vector sees its input and those before it, so that it can be streamed. `both`: all of them. */
  readonly direction: 'causal' | 'both';
};

export type RecurrentLayerInputs = {
  /** `[B, T, D]` */ readonly inputs: tf.Tensor3D;
  /** Inputs of each row, 1 to T; or `[B]` of int32. Default T. */ readonly lengths?: readonly number[] | tf.Tensor1D;
  /** From the call before, of a causal layer; default zeros. */ readonly states?: Readonly<Record<string, tf.Tensor>>;
};

export type RecurrentLayerOutputs = {
  /** `[B, T, U]`: zeros behind a row's end. */ readonly vectors: tf.Tensor3D;
  /** `[B, U]`: each direction's state after the row's last input, which a decoder may begin with. */ readonly final: tf.Tensor2D;
  /** For the next call of a causal layer, where no row is padded; by the names of `recurrentLayerStates`. */
  readonly states: Record<string, tf.Tensor2D>;
};

/** The arrays that go from call to call of a causal layer: `hidden`, of an LSTM `cell` too. None where it runs both ways. */
export function recurrentLayerStates({ cell, units, direction }: RecurrentLayerConfig): Record<string, TensorSpec> {
  if (direction === 'both') return {};
  return { hidden: floats('B', units), ...(cell === 'lstm' && { cell: floats('B', units) }) };
}

/**
 * First weights: `forward.kernel` `[D + H, G H]` and `forward.bias` `[G H]` (G = 4 of an LSTM, 3 of a GRU), of a GRU
 * `forward.candidateBias` `[H]`, and `backward.*` where it runs both ways. Kernels N(0, 1 / (D + H)), biases 0, forget
 * gates open (1). Throws `option/out-of-range` where `units` cannot be halved.
 */
export function initRecurrentLayer(config: RecurrentLayerConfig, random: Random): Record<string, HostArray> {
  const forward = prefixed(initDirection(config, random), 'forward.');
  return config.direction === 'causal'
    ? forward
    : { ...forward, ...prefixed(initDirection(config, random), 'backward.') };
}

function initDirection(config: RecurrentLayerConfig, random: Random): Record<string, HostArray> {
  const [units, inputs] = [unitsEachWay(config), config.depth];
  const gates = config.cell === 'lstm' ? 4 : 3;
  const bias = new Float32Array(gates * units);
  if (config.cell === 'lstm') bias.fill(1, 2 * units, 3 * units); // Jozefowicz et al., 2015
  return {
    kernel: normalArray(random, [inputs + units, gates * units], 1 / Math.sqrt(inputs + units)),
    bias: { shape: [gates * units], data: bias },
    ...(config.cell === 'gru' && { candidateBias: { shape: [units], data: new Float32Array(units) } }),
  };
}

/** H */
function unitsEachWay({ units, direction }: RecurrentLayerConfig): number {
  if (direction === 'causal') return units;
  if (units % 2 === 0) return units / 2;
  throw new HearkenError('option/out-of-range', `Expected \`units\` of both directions to be even, got ${units}`);
}

/**
 * Runs the layer. Throws `tensor/shape`, `model/missing-tensor`, and `option/out-of-range` for lengths outside of 1..T.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { Random, tensorsOf } from 'hearken/attention';
 * import { initRecurrentLayer, type RecurrentLayerConfig, runRecurrentLayer } from 'hearken/encoder';
 *
 * const config: RecurrentLayerConfig = { cell: 'gru', depth: 3, units: 4, direction: 'both' };
 * const weights = tensorsOf(initRecurrentLayer(config, Random.seeded(1)));
 * const inputs = tf.ones<tf.Rank.R3>([2, 5, 3]); // the second row has two inputs and padding
 * const { vectors, final } = runRecurrentLayer(weights, config, { inputs, lengths: [5, 2] });
 * const isPadding = tf.equal(tf.sum(tf.abs(vectors), 2), 0);
 * const [, second] = isPadding.arraySync() as number[][]; // two axes
 * console.log(vectors.shape, final.shape, second?.join(' '));
 * // => [ 2, 5, 4 ] [ 2, 4 ] 0 0 1 1 1
 * ```
 */
export function runRecurrentLayer(
  weights: Weights,
  config: RecurrentLayerConfig,
  { inputs, lengths, states = {} }: RecurrentLayerInputs,
): RecurrentLayerOutputs {
  assertShape('inputs', inputs, [null, null, config.depth]);
  const [batch, length] = inputs.shape;
  return tf.tidy(() => {
    const ends = lengths === undefined ? undefined : lengthsTensor(lengths, batch, length);
    const forward = runDirection(under(weights, 'forward.'), config, inputs, states);
    const mask =
      ends && tf.expandDims(tf.cast(tf.less(tf.range(0, length, 1, 'int32'), tf.expandDims(ends, 1)), 'float32'), 2);
    const masked = (vectors: tf.Tensor3D): tf.Tensor3D => (mask === undefined ? vectors : tf.mul(vectors, mask));
    const last = (run: DirectionOutputs): tf.Tensor2D =>
      ends === undefined ? run.hidden : vectorsAt(run.vectors, ends);
    if (config.direction === 'causal') {
      return { vectors: masked(forward.vectors), final: tf.clone(last(forward)), states: forward.states };
    }
    const backward = runDirection(under(weights, 'backward.'), config, reversed(inputs, ends), {});
    const both = tf.concat<tf.Tensor3D>([forward.vectors, reversed(backward.vectors, ends)], 2);
    return { vectors: masked(both), final: tf.concat([last(forward), last(backward)], 1), states: {} };
  });
}

type DirectionOutputs = {
  /** `[B, T, H]` */ readonly vectors: tf.Tensor3D;
  /** `[B, H]`, after all T inputs. */ readonly hidden: tf.Tensor2D;
  readonly states: Record<string, tf.Tensor2D>;
};

function runDirection(
  weights: Weights,
  config: RecurrentLayerConfig,
  inputs: tf.Tensor3D,
  states: Weights,
): DirectionOutputs {
  const units = unitsEachWay(config);
  const zeros = (): tf.Tensor2D => {
    const aNumberEach = tf.reshape(tf.slice(inputs, [0, 0, 0], [inputs.shape[0], 1, 1]), [inputs.shape[0], 1]);
    return tf.add(tf.zerosLike(aNumberEach), tf.zeros([1, units])); // of any B, in a graph too
  };
  const stateNamed = (name: string): tf.Tensor2D => (name in states ? tensor2(states, name) : zeros());
  const given = {
    inputs: tf.transpose(inputs, [1, 0, 2]), //                                           [T, B, D]
    kernel: tensor2(weights, 'kernel'),
    bias: tensor1(weights, 'bias'),
    hidden: stateNamed('hidden'),
  };
  if (config.cell === 'gru') {
    const { outputs, hidden } = gruSequence({ ...given, candidateBias: tensor1(weights, 'candidateBias') });
    return { vectors: tf.transpose(outputs, [1, 0, 2]), hidden, states: { hidden } };
  }
  const { outputs, hidden, cell } = lstmSequence({ ...given, cell: stateNamed('cell') });
  return { vectors: tf.transpose(outputs, [1, 0, 2]), hidden, states: { hidden, cell } };
}

function lengthsTensor(lengths: readonly number[] | tf.Tensor1D, batch: number, longest: number): tf.Tensor1D {
  if (lengths instanceof tf.Tensor) {
    assertShape('lengths', lengths, [batch]);
    return lengths;
  }
  const fit = lengths.every((each) => Number.isInteger(each) && each >= 1 && each <= longest);
  if (lengths.length === batch && fit) return tf.tensor1d([...lengths], 'int32');
  throw new HearkenError(
    'option/out-of-range',
    `Expected ${batch} \`lengths\` in 1..${longest}, got [${lengths.join(', ')}]`,
  );
}

/** Each row's first `ends[b]` vectors in the other order, what is behind them in its place; all of a row without `ends`. */
function reversed(x: tf.Tensor3D, ends: tf.Tensor1D | undefined): tf.Tensor3D {
  if (ends === undefined) return tf.reverse(x, 1);
  const places = tf.range(0, x.shape[1], 1, 'float32'); //                                 [T]
  const counterparts = tf.sub<tf.Tensor2D>(tf.sub(tf.expandDims(ends, 1), 1), places); //  [B, T]: below 0 behind the end
  const own = tf.add<tf.Tensor2D>(places, tf.zerosLike(counterparts));
  return gatherRows(x, tf.where(tf.less(counterparts, 0), own, counterparts));
}

/** Each row's vector number `ends[b]`, counted from 1: `[B, T, H]` gives `[B, H]`. */
function vectorsAt(x: tf.Tensor3D, ends: tf.Tensor1D): tf.Tensor2D {
  return tf.squeeze(gatherRows(x, tf.reshape<tf.Rank.R2>(tf.sub(ends, 1), [-1, 1])), [1]);
}
