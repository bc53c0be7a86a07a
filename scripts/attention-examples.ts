/**
 * Each mechanism at work on one example, with weights written by hand: six letters are remembered, and six queries seek
 * them one after the other. What a mechanism does with the letters that come more than once is what it is.
 */
import * as tf from '@tensorflow/tfjs-core';

import {
  additive,
  type AttentionMechanism,
  averagePooling,
  concat,
  cosine,
  dot,
  general,
  kernelRegression,
  localMonotonic,
  localPredictive,
  location,
  milk,
  mocha,
  monotonic,
  multiHead,
  network,
  Random,
  sampledAttention,
  scaledDot,
} from '../src/attention/index.ts';

export const LETTERS: readonly string[] = ['b', 'a', 'n', 'a', 'n', 'a'];
const KINDS = ['b', 'a', 'n'];

/** A mechanism, what it remembers and is asked, and its weights. */
export type AttentionExample = {
  readonly mechanism: AttentionMechanism;
  /** Numbers of each entry. */ readonly keys: readonly (readonly number[])[];
  /** Numbers of each query. */ readonly queries: readonly (readonly number[])[];
  readonly weights: Readonly<Record<string, readonly number[] | readonly (readonly number[])[]>>;
};

const oneOfKinds = LETTERS.map((letter) => KINDS.map((kind) => (kind === letter ? 1 : 0)));
const places = LETTERS.map((_, place) => [place]);

function diagonal(value: number): number[][] {
  return KINDS.map((_, row) => KINDS.map((_column, column) => (row === column ? value : 0)));
}

const same = (value: number): number[] => KINDS.map(() => value);

/** A unit for each letter, on where query and entry both have it. */
const ADDITIVE = { query: diagonal(2), key: diagonal(2), bias: same(-3), score: same(3) };
/** Two units for each letter, whose difference does what the bias of `ADDITIVE` does. */
const CONCAT = {
  query: diagonal(1).map((row, index) => [...row, ...(diagonal(0.3)[index] ?? [])]),
  key: diagonal(1).map((row, index) => [...row, ...(diagonal(0.3)[index] ?? [])]),
  score: [...same(-7), ...same(21)],
};
const STOP = { ...ADDITIVE, score: same(1), gain: [10], offset: [10.8] };

function under(prefix: string, weights: AttentionExample['weights']): AttentionExample['weights'] {
  return Object.fromEntries(Object.entries(weights).map(([name, value]) => [`${prefix}${name}`, value]));
}

/** Weights of location-aware attention that look for the entry behind where the query before has looked. */
function locationWeights(): AttentionExample['weights'] {
  const [taps, channels] = [21, 8];
  const filters = Array.from({ length: taps }, (_, tap) =>
    Array.from({ length: channels }, (_channel, channel) => (tap === taps / 2 - 1.5 && channel === 0 ? 1 : 0)),
  );
  const kernel = Array.from({ length: channels }, (_, channel) => [0, 0, 0, channel === 0 ? 3 : 0]);
  const wider = (rows: readonly (readonly number[])[]): number[][] => rows.map((row) => [...row, 0]);
  return {
    query: wider(ADDITIVE.query),
    key: wider(ADDITIVE.key),
    bias: [...ADDITIVE.bias, 0],
    score: [...ADDITIVE.score, 4],
    'location.filters': filters,
    'location.kernel': kernel,
  };
}

/** The number that local-p, with these weights, takes for `place` of the six. */
function placeNumber(place: number): number {
  const share = (place + 0.5) / LETTERS.length;
  return Math.atanh(Math.log(share / (1 - share)) / 3);
}

const byLetters = { keys: oneOfKinds, queries: oneOfKinds };
const byPlaces = { keys: places, queries: places };
const withPlaces = {
  keys: oneOfKinds.map((letter) => [...letter, 0]),
  queries: oneOfKinds.map((letter, place) => [...letter, placeNumber(place)]),
};
const loud = { keys: oneOfKinds, queries: oneOfKinds.map((letter) => letter.map((value) => 4 * value)) };

/** By the name of the picture. */
export const EXAMPLES: Readonly<Record<string, AttentionExample>> = {
  'average-pooling': { mechanism: averagePooling, ...byLetters, weights: {} },
  'kernel-gaussian': { mechanism: kernelRegression(), ...byPlaces, weights: {} },
  'kernel-boxcar': { mechanism: kernelRegression({ kernel: 'boxcar', width: 1.5 }), ...byPlaces, weights: {} },
  'kernel-epanechnikov': {
    mechanism: kernelRegression({ kernel: 'epanechnikov', width: 2.5 }),
    ...byPlaces,
    weights: {},
  },
  cosine: { mechanism: cosine, ...byLetters, weights: { strength: [4] } },
  dot: { mechanism: dot, ...loud, weights: {} },
  'scaled-dot': { mechanism: scaledDot, ...byLetters, weights: { query: diagonal(2.6), key: diagonal(2.6) } },
  general: { mechanism: general, ...byLetters, weights: { key: diagonal(4) } },
  concat: { mechanism: concat, ...byLetters, weights: CONCAT },
  additive: { mechanism: additive, ...byLetters, weights: ADDITIVE },
  network: {
    mechanism: network,
    ...byLetters,
    weights: { ...ADDITIVE, 'hidden.kernel': diagonal(2), 'hidden.bias': same(0), score: same(2) },
  },
  location: { mechanism: location, ...byLetters, weights: locationWeights() },
  'multi-head': {
    mechanism: multiHead(scaledDot, 2),
    keys: oneOfKinds.map((letter, place) => [...letter, place]),
    queries: oneOfKinds.map((letter, place) => [...letter, place]),
    // The first head seeks the letter, the second what came last.
    weights: {
      'head.0.query': [...diagonal(3), [0, 0, 0]],
      'head.0.key': [...diagonal(3), [0, 0, 0]],
      'head.0.value': [
        [1, 0],
        [0, 1],
        [0, 0],
        [0, 0],
      ],
      'head.1.query': [
        [1, 0, 0],
        [1, 0, 0],
        [1, 0, 0],
        [0, 0, 0],
      ],
      'head.1.key': [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
        [1.5, 0, 0],
      ],
      'head.1.value': [
        [0, 0],
        [0, 0],
        [1, 0],
        [0, 1],
      ],
      output: [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
      ],
    },
  },
  'local-m': { mechanism: localMonotonic({ reach: 1, attention: dot }), ...loud, weights: {} },
  'local-p': {
    mechanism: localPredictive({ reach: 2, attention: general }),
    ...withPlaces,
    weights: {
      key: withPlaces.keys
        .slice(0, 4)
        .map((_, row) => [0, 1, 2, 3].map((column) => (row === column && row < 3 ? 2 : 0))),
      'place.kernel': [[0], [0], [0], [1]],
      'place.score': [3],
    },
  },
  monotonic: { mechanism: monotonic(), ...byLetters, weights: STOP },
  'monotonic-hard': { mechanism: monotonic({ stops: 'hard' }), ...byLetters, weights: STOP },
  mocha: {
    mechanism: mocha({ chunk: 2, attention: additive, stops: 'hard' }),
    ...byLetters,
    weights: { ...under('stop.', STOP), ...under('soft.', { ...ADDITIVE, score: same(0.5) }) },
  },
  milk: {
    mechanism: milk({ attention: additive, stops: 'hard' }),
    ...byLetters,
    weights: { ...under('stop.', STOP), ...under('soft.', { ...ADDITIVE, score: same(0.5) }) },
  },
  sampled: { mechanism: sampledAttention({ attention: dot, random: Random.seeded(7) }), ...loud, weights: {} },
};

/** Where each of the example's queries looks: a row of shares a query. */
export async function alignmentOf({ mechanism, keys, queries, weights }: AttentionExample): Promise<number[][]> {
  const tensors = Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, tensorOf(value)]));
  const values = tf.tensor3d([keys.map((row) => [...row])]);
  const prepared = mechanism.prepare(tensors, { values, bias: tf.zeros([1, keys.length]) });
  let state = mechanism.start(prepared);
  const rows: number[][] = [];
  for (const query of queries) {
    const attended = mechanism.attend(tensors, tf.tensor2d([[...query]]), prepared, state);
    ({ state } = attended);
    rows.push(...(await attended.alignment.array()));
  }
  return rows;
}

/** A row of numbers, or rows of them. */
function tensorOf(value: AttentionExample['weights'][string]): tf.Tensor {
  return tf.tensor(value.map((each) => (typeof each === 'number' ? each : [...each])));
}
