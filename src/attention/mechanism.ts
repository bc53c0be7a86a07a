/**
 * One interface for every attention mechanism:
 *
 *     prepared = prepare(weights, memory)                               once a memory
 *     state = start(prepared)                                           once a sequence of queries
 *     { context, alignment, state } = attend(weights, query, prepared, state)
 *
 * `context = sum_e alignment_e values_e`. Nothing is remembered between calls: memories, and sequences of queries over
 * one memory, may be interleaved in any order.
 *
 * Shapes: B batch, E entries, D depth of a value, X depth of a key, K depth of a prepared key, H depth of a query.
 */
import * as tf from '@tensorflow/tfjs-core';

import type { Weights } from '../cell/cell.ts';
import { weight } from '../cell/cell.ts';
import type { TensorSpec } from '../cell/tensor-spec.ts';
import type { HostArray } from '../tensor/host-array.ts';
import type { Random } from '../tensor/random.ts';
import { assertShape } from '../tensor/shape.ts';

export type AttentionSizes = {
  /** H: depth of a query. */ readonly queryDepth: number;
  /** X: depth of what a query is compared with, the memory's keys; where it has none, D. */
  readonly memoryDepth: number;
  /** A: width of the space in which learned scores compare the two; `dot`, `general` and `cosine` have no such space. */
  readonly attentionUnits: number;
  /** D: depth of what is averaged, where the memory has keys of their own; default `memoryDepth`. */
  readonly valueDepth?: number;
};

/** What is attended to. Its tensors stay the caller's. */
export type AttentionMemory = {
  /** `[B, E, D]`: what is averaged. */ readonly values: tf.Tensor3D;
  /** `[B, E, X]`: what a query is compared with; default `values`. */ readonly keys?: tf.Tensor3D | undefined;
  /** `[B, E]`, added to the score: 0 or a log-mass, and `HIDDEN` (-1e9) on entries that may not be seen. */
  readonly bias: tf.Tensor2D;
};

/** A memory prepared for one mechanism, so that a query pays only for itself. */
export type PreparedMemory = {
  /** `[B, E, D]`, still the caller's. */ readonly values: tf.Tensor3D;
  /** `[B, E, K]`: what the mechanism needs of the keys; a tensor of its own. */ readonly keys: tf.Tensor3D;
  /** `[B, E]`, still the caller's. */ readonly bias: tf.Tensor2D;
};

/** What a mechanism hands from one query to the next, by its own short names; every tensor has two axes. */
export type AttentionState = Readonly<Record<string, tf.Tensor2D>>;

/** Each result is a tensor of its own, to be disposed of by the caller. */
export type Attended = {
  /** `[B, D]` */ readonly context: tf.Tensor2D;
  /** `[B, E]`: shares, none negative, whose sum is 1 or, where a mechanism says so, less. */
  readonly alignment: tf.Tensor2D;
  readonly state: Record<string, tf.Tensor2D>;
};

export type AttentionMechanism = {
  /** Shapes of the state by name, axes `B`, `E` or a number; empty where a query needs nothing of those before it. */
  readonly states: Readonly<Record<string, TensorSpec>>;
  /** First weights by short name. Throws `option/out-of-range` where the sizes do not suit the mechanism. */
  readonly init: (sizes: AttentionSizes, random: Random) => Record<string, HostArray>;
  /** K */
  readonly keyDepth: (sizes: AttentionSizes) => number;
  /** `[B, E, X]` to `[B, E, K]`: the part of `prepare` that computes. */
  readonly keys: (weights: Weights, entries: tf.Tensor3D) => tf.Tensor3D;
  /** Throws `tensor/shape`. */
  readonly prepare: (weights: Weights, memory: AttentionMemory) => PreparedMemory;
  /** The state before the first query: zeros, in every mechanism. */
  readonly start: (prepared: PreparedMemory) => Record<string, tf.Tensor2D>;
  /**
   * Aligns a query, `[B, H]`, with the memory. A row that sees nothing gets an alignment and a context of zeros. Throws
   * `tensor/shape`, and `model/missing-tensor` where a weight or a state is missing.
   */
  readonly attend: (weights: Weights, query: tf.Tensor2D, prepared: PreparedMemory, state: AttentionState) => Attended;
};

/** What a mechanism computes once its arguments are checked. */
export type Aligned = {
  /** `[B, E]` */ readonly alignment: tf.Tensor2D;
  /** `[B, D]`; default the values' mean under `alignment`. */ readonly context?: tf.Tensor2D;
  /** Default empty. */ readonly state?: AttentionState;
};

/** The part in which mechanisms differ; `defineMechanism` makes the rest. */
export type AttentionRule = Pick<AttentionMechanism, 'init' | 'keyDepth' | 'keys'> & {
  readonly states?: Readonly<Record<string, TensorSpec>>;
  readonly align: (weights: Weights, query: tf.Tensor2D, prepared: PreparedMemory, state: AttentionState) => Aligned;
};

/**
 * A mechanism made of its rule: checks of shapes, the average, and tensors of which each has one owner.
 *
 * @example
 * ```ts
 * import '@tensorflow/tfjs-backend-cpu';
 * import * as tf from '@tensorflow/tfjs-core';
 * import { defineMechanism, paddingBias } from 'hearken/attention';
 *
 * // Looks at the newest entry that may be seen, whatever the query.
 * const newest = defineMechanism({
 *   init: () => ({}),
 *   keyDepth: ({ memoryDepth }) => memoryDepth,
 *   keys: (weights, entries) => tf.clone(entries),
 *   align: (weights, query, { bias }) => {
 *     const count = tf.sum(tf.cast(tf.greater(bias, -1e8), 'int32'), 1);
 *     const last = tf.oneHot(tf.cast(tf.sub(count, 1), 'int32'), bias.shape[1]);
 *     return { alignment: tf.mul<tf.Tensor2D>(last, 1) };
 *   },
 * });
 * const prepared = newest.prepare({}, { values: tf.tensor3d([[[1], [2], [3]]]), bias: paddingBias([2], 3) });
 * console.log(newest.attend({}, tf.zeros([1, 1]), prepared, newest.start(prepared)).context.arraySync());
 * // => [ [ 2 ] ]
 * ```
 */
export function defineMechanism({ states = {}, init, keyDepth, keys, align }: AttentionRule): AttentionMechanism {
  return {
    states,
    init,
    keyDepth,
    keys: (weights, entries) => tf.tidy(() => keys(weights, entries)),
    prepare: (weights, { values, keys: compared = values, bias }) => {
      assertShape('values', values, [null, null, null]);
      assertShape('keys', compared, [...values.shape.slice(0, 2), null]);
      assertShape('bias', bias, values.shape.slice(0, 2));
      return { values, bias, keys: tf.tidy(() => keys(weights, compared)) };
    },
    start: ({ bias }) =>
      Object.fromEntries(
        Object.entries(states).map(([name, spec]) => [name, tf.zeros<tf.Rank.R2>(stateShape(spec, bias))]),
      ),
    attend: (weights, query, prepared, state) => {
      assertShape('query', query, [prepared.bias.shape[0], null]);
      for (const [name, spec] of Object.entries(states)) {
        assertShape(`state.${name}`, weight(state, name), stateShape(spec, prepared.bias));
      }
      return tf.tidy(() => {
        const aligned = align(weights, query, prepared, state);
        const { alignment, context = average(alignment, prepared.values), state: next = {} } = aligned;
        const owned = Object.entries(next).map(([name, tensor]) => [name, tf.clone(tensor)] as const);
        return { context, alignment, state: Object.fromEntries(owned) };
      });
    },
  };
}

/** `sum_e alignment_e values_e`: `[B, E]` and `[B, E, D]` give `[B, D]`. */
export function average(alignment: tf.Tensor2D, values: tf.Tensor3D): tf.Tensor2D {
  const context = tf.matMul(tf.expandDims<tf.Tensor3D>(alignment, 1), values); // [B, 1, D]
  return tf.reshape(context, [-1, values.shape[2]]);
}

function stateShape({ shape }: TensorSpec, { shape: [batch, entries] }: tf.Tensor2D): [number, number] {
  const sizes = shape.map((axis) => (typeof axis === 'number' ? axis : axis === 'B' ? batch : entries));
  return sizes as [number, number]; // states have two axes
}

/** The state of one number for every entry. */
export const PER_ENTRY: TensorSpec = { shape: ['B', 'E'], dtype: 'float32' };
/** The state of one number for every row. */
export const PER_ROW: TensorSpec = { shape: ['B', 1], dtype: 'float32' };
