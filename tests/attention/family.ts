/** Every mechanism of the family, with sizes that suit it, and what is known of its alignments. */
import * as tf from '@tensorflow/tfjs';

import {
  ATTENTION_SCORES,
  type AttentionMechanism,
  type AttentionSizes,
  type Attended,
  averagePooling,
  general,
  kernelRegression,
  localMonotonic,
  localPredictive,
  location,
  milk,
  mocha,
  monotonic,
  multiHead,
  paddingBias,
  type PreparedMemory,
  Random,
  sampledAttention,
  scaledDot,
} from '../../src/attention/index.ts';
import { randomTensor } from './finite-differences.ts';

export const BATCH = 2;
export const ENTRIES = 6;
export const DEPTH = 4;
const QUERY = 5;
const UNITS = 6;
/** The second row of a batch is padded. */
export const ENTRY_COUNTS: readonly number[] = [ENTRIES, 3];

export type Member = {
  readonly name: string;
  readonly mechanism: AttentionMechanism;
  readonly sizes: AttentionSizes;
  /** Whether rows that see something sum to 1; else to at most 1. */ readonly isWhole: boolean;
  /** Whether alignments are smooth in everything that they depend on. */ readonly isSmooth: boolean;
};

function member(name: string, mechanism: AttentionMechanism, known: Partial<Member> = {}): Member {
  const sizes = { queryDepth: QUERY, memoryDepth: DEPTH, attentionUnits: UNITS };
  return { name, mechanism, sizes, isWhole: true, isSmooth: true, ...known };
}

const LEVEL = { sizes: { queryDepth: DEPTH, memoryDepth: DEPTH, attentionUnits: UNITS } };
const PARTIAL = { isWhole: false };
const HARD = { isWhole: false, isSmooth: false };

/** Wide enough that no finite difference steps over the edge of a window. */
const WIDE = { reach: 12 };

export const FAMILY: readonly Member[] = [
  ...Object.entries(ATTENTION_SCORES).map(([name, mechanism]) =>
    member(name, mechanism, name === 'dot' || name === 'cosine' ? LEVEL : {}),
  ),
  member('averagePooling', averagePooling),
  member('gaussian kernelRegression', kernelRegression({ kernel: 'gaussian', width: 2 }), LEVEL),
  member('boxcar kernelRegression', kernelRegression({ kernel: 'boxcar', width: 3 }), { ...LEVEL, ...HARD }),
  member('epanechnikov kernelRegression', kernelRegression({ kernel: 'epanechnikov', width: 9 }), LEVEL),
  member('learned kernelRegression', kernelRegression({ width: 'learned' }), LEVEL),
  member('localMonotonic', localMonotonic(WIDE)),
  member('narrow localMonotonic', localMonotonic({ reach: 1, attention: location }), { isSmooth: false }),
  member('localPredictive', localPredictive(WIDE), PARTIAL),
  member('localPredictive over location', localPredictive({ ...WIDE, attention: location }), PARTIAL),
  member('localMonotonic of its window', localMonotonic({ ...WIDE, padding: 'behind' })),
  member('narrow localMonotonic of its window', localMonotonic({ reach: 1, padding: 'behind' }), { isSmooth: false }),
  member('localPredictive of its window', localPredictive({ ...WIDE, padding: 'behind' }), PARTIAL),
  member('sampledAttention', sampledAttention({ attention: scaledDot }), { isSmooth: false }),
  member('sampledAttention over location', sampledAttention({ attention: location }), { isSmooth: false }),
  member('monotonic', monotonic(), PARTIAL),
  member('hard monotonic', monotonic({ stops: 'hard' }), HARD),
  member('mocha', mocha({ chunk: 3 }), PARTIAL),
  member('mocha over scaled dot', mocha({ chunk: 2, attention: scaledDot }), PARTIAL),
  member('hard mocha', mocha({ chunk: 3, stops: 'hard' }), HARD),
  member('milk', milk(), PARTIAL),
  member('milk over general', milk({ attention: general }), PARTIAL),
  member('hard milk', milk({ stops: 'hard' }), HARD),
  member('multiHead', multiHead(scaledDot, 2)),
  member('multiHead of location', multiHead(location, 2)),
  member('multiHead of monotonic', multiHead(monotonic(), 2), PARTIAL),
];

export type Given = {
  readonly weights: Record<string, tf.Tensor>;
  readonly values: tf.Tensor3D;
  readonly query: tf.Tensor2D;
  readonly bias: tf.Tensor2D;
  readonly state: Record<string, tf.Tensor2D>;
};

/** Random numbers for every weight, biases too, so that each of them matters; states as they may arise. */
export function given({ mechanism, sizes }: Member): Given {
  const arrays = mechanism.init(sizes, Random.seeded(1));
  const weights = Object.entries(arrays).map(([name, { shape }], index) => [name, randomTensor(index + 10, ...shape)]);
  return {
    weights: Object.fromEntries(weights) as Record<string, tf.Tensor>,
    values: randomTensor(2, BATCH, ENTRIES, DEPTH) as tf.Tensor3D,
    query: randomTensor(3, BATCH, sizes.queryDepth) as tf.Tensor2D,
    bias: paddingBias(ENTRY_COUNTS, ENTRIES),
    state: Object.fromEntries(Object.keys(mechanism.states).map((name) => [name, stateNamed(name)])),
  };
}

/** An alignment, shares that fall from entry to entry, or a count. */
function stateNamed(name: string): tf.Tensor2D {
  if (name.endsWith('alignment')) return tf.softmax(randomTensor(4, BATCH, ENTRIES) as tf.Tensor2D);
  if (name === 'entropy') return tf.mul(tf.ones<tf.Rank.R2>([BATCH, 1]), 2);
  if (name === 'logProbability') return tf.mul(tf.ones<tf.Rank.R2>([BATCH, 1]), -3);
  if (name.endsWith('step')) return tf.mul(tf.ones<tf.Rank.R2>([BATCH, 1]), 2);
  return tf.tensor2d([
    [0.9, 0.5, 0.25, 0.125, 0.125, 0.1],
    [0.75, 0.5, 0.25, 0.25, 0.25, 0.25],
  ]);
}

export function run(
  { mechanism }: Member,
  { weights, values, bias, query, state }: Given,
): Attended & { readonly prepared: PreparedMemory } {
  const prepared = mechanism.prepare(weights, { values, bias });
  return { prepared, ...mechanism.attend(weights, query, prepared, state) };
}

/** Row `row` of a batch as a batch of its own. */
export function rowOf(all: Given, row: number): Given {
  const pick = <T extends tf.Tensor>(tensor: T): T =>
    tf.slice(tensor, [row, ...tensor.shape.slice(1).map(() => 0)], [1, ...tensor.shape.slice(1)]);
  const state = Object.fromEntries(Object.entries(all.state).map(([name, tensor]) => [name, pick(tensor)]));
  const { weights, values, query, bias } = all;
  return { weights, values: pick(values), query: pick(query), bias: pick(bias), state };
}

/** The largest absolute difference between two tensors of one shape. */
export function gap(a: tf.Tensor, b: tf.Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).arraySync() as number);
}
