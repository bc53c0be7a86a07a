import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  ATTENTION_SCORES,
  attend,
  type AttentionScoreName,
  paddingBias,
  prepareMemory,
} from '../../src/attention/attend.ts';
import type { Weights } from '../../src/model/cell.ts';
import { Random } from '../../src/tensor/random.ts';
import { gradientErrors, mixed, randomTensor } from './finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const [BATCH, ENTRIES, DEPTH, UNITS] = [2, 6, 5, 7];
/** A dot score needs queries as deep as entries. */
const queryDepth = (name: AttentionScoreName): number => (name === 'dot' ? DEPTH : 4);
const NAMES = Object.keys(ATTENTION_SCORES) as AttentionScoreName[];
const ENTRY_COUNTS = [ENTRIES, 3];

type Matrix = number[][];
const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? Number.NaN;
const dotProduct = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * at(b, index), 0);
/** `x W` */
const times = (x: readonly number[], w: Matrix): number[] =>
  (w[0] ?? []).map((_, column) => x.reduce((sum, value, row) => sum + value * at(w[row], column), 0));
const plus = (...vectors: number[][]): number[] =>
  (vectors[0] ?? []).map((_, index) => vectors.reduce((sum, vector) => sum + at(vector, index), 0));

type Asked = { readonly q: number[]; readonly h: number[]; readonly e: number; readonly previous: number[] };
type Arrays = { readonly matrix: (name: string) => Matrix; readonly vector: (name: string) => number[] };

function arraysOf(weights: Weights): Arrays {
  return {
    matrix: (name) => weights[name]?.arraySync() as Matrix,
    vector: (name) => weights[name]?.arraySync() as number[],
  };
}

/** Each score's equation as its paper has it. */
const EQUATIONS: Record<AttentionScoreName, (weights: Arrays, asked: Asked) => number> = {
  additive: ({ matrix, vector }, { q, h }) =>
    dotProduct(
      vector('score'),
      plus(times(q, matrix('query')), times(h, matrix('key')), vector('bias')).map(Math.tanh),
    ),
  location: ({ matrix, vector }, { q, h, e, previous }) => {
    const filters = matrix('location.filters');
    const first = e - (filters.length - 1) / 2;
    const features = (filters[0] ?? []).map((_, channel) =>
      filters.reduce((sum, taps, tap) => sum + at(taps, channel) * (previous[first + tap] ?? 0), 0),
    );
    const parts = [times(q, matrix('query')), times(h, matrix('key')), times(features, matrix('location.kernel'))];
    return dotProduct(vector('score'), plus(...parts, vector('bias')).map(Math.tanh));
  },
  dot: (_, { q, h }) => dotProduct(q, h),
  general: ({ matrix }, { q, h }) => dotProduct(q, times(h, matrix('key'))),
  concat: ({ matrix, vector }, { q, h }) =>
    dotProduct(vector('score'), times([...q, ...h], [...matrix('query'), ...matrix('key')]).map(Math.tanh)),
  'scaled-dot': ({ matrix }, { q, h }) =>
    dotProduct(times(q, matrix('query')), times(h, matrix('key'))) / Math.sqrt(UNITS),
};

type Example = {
  readonly weights: Record<string, tf.Tensor>;
  readonly values: tf.Tensor3D;
  readonly query: tf.Tensor2D;
  readonly previousAlignment: tf.Tensor2D;
};

function example(name: AttentionScoreName): Example {
  const sizes = { queryDepth: queryDepth(name), memoryDepth: DEPTH, attentionUnits: UNITS };
  const shapes = ATTENTION_SCORES[name].init(sizes, Random.seeded(1));
  // Biases start at zero: random numbers for every weight, so that each of them matters.
  const weights = Object.entries(shapes).map(([key, { shape }], index) => [key, randomTensor(index + 10, ...shape)]);
  return {
    weights: Object.fromEntries(weights),
    values: randomTensor(2, BATCH, ENTRIES, DEPTH) as tf.Tensor3D,
    query: randomTensor(3, BATCH, queryDepth(name)) as tf.Tensor2D,
    previousAlignment: tf.softmax(randomTensor(4, BATCH, ENTRIES) as tf.Tensor2D),
  };
}

function run(name: AttentionScoreName, weights: Weights, given: Example, counts = ENTRY_COUNTS) {
  const score = ATTENTION_SCORES[name];
  const memory = prepareMemory({ score, weights }, { values: given.values, bias: paddingBias(counts, ENTRIES) });
  return { memory, ...attend({ score, weights }, memory, given) };
}

describe.each(NAMES)('%s attention', (name) => {
  test('agrees with its equation written as loops, on a padded row too', () => {
    const given = example(name);
    const { context, alignment } = run(name, given.weights, given);
    const arrays = arraysOf(given.weights);
    for (const [row, count] of ENTRY_COUNTS.entries()) {
      const h = (given.values.arraySync()[row] ?? []).slice(0, count);
      const q = given.query.arraySync()[row] ?? [];
      const previous = given.previousAlignment.arraySync()[row] ?? [];
      const exponentials = h.map((entry, e) => Math.exp(EQUATIONS[name](arrays, { q, h: entry, e, previous })));
      const total = exponentials.reduce((a, b) => a + b, 0);
      for (let e = 0; e < ENTRIES; e++) {
        const expected = e < count ? at(exponentials, e) / total : 0;
        expect(at(alignment.arraySync()[row], e)).toBeCloseTo(expected, 5);
      }
      for (let d = 0; d < DEPTH; d++) {
        const expected = h.reduce((sum, entry, e) => sum + (at(exponentials, e) / total) * at(entry, d), 0);
        expect(at(context.arraySync()[row], d)).toBeCloseTo(expected, 5);
      }
    }
  });

  test('has the gradient that finite differences give', () => {
    const { weights, query, values, previousAlignment } = example(name);
    const loss = ({ query: q, values: v, previousAlignment: p, ...moved }: Record<string, tf.Tensor>): tf.Scalar => {
      const given = { query: q, values: v, previousAlignment: p ?? previousAlignment, weights } as Example;
      const named = Object.entries(moved).map(([key, tensor]) => [key.replace('weights.', ''), tensor]);
      const { context, alignment } = run(name, Object.fromEntries(named), given);
      return mixed(context, alignment);
    };
    const prefixed = Object.entries(weights).map(([key, tensor]) => [`weights.${key}`, tensor] as const);
    const read = ATTENTION_SCORES[name].readsPreviousAlignment ? { previousAlignment } : undefined;
    const errors = gradientErrors(loss, { query, values, ...read, ...Object.fromEntries(prefixed) });
    const wrong = Object.entries(errors).filter(([, error]) => error > 1e-3);
    expect(wrong).toEqual([]);
  });

  test('gives rows that sum to 1 and nothing to what is hidden', () => {
    const given = example(name);
    const { alignment } = run(name, given.weights, given);
    for (const [row, values] of alignment.arraySync().entries()) {
      expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
      expect(values.slice(ENTRY_COUNTS[row]).every((value) => value === 0)).toBe(true);
    }
  });

  test('gives a row of a batch what the row alone gives', () => {
    const given = example(name);
    const together = run(name, given.weights, given);
    for (let row = 0; row < BATCH; row++) {
      const pick = <T extends tf.Tensor>(tensor: T): T =>
        tf.slice(tensor, [row, ...tensor.shape.slice(1).map(() => 0)], [1, ...tensor.shape.slice(1)]);
      const { weights, ...inputs } = given;
      const single = {
        weights,
        values: pick(inputs.values),
        query: pick(inputs.query),
        previousAlignment: pick(inputs.previousAlignment),
      };
      const alone = run(name, weights, single, [ENTRY_COUNTS[row] ?? 0]);
      const gap = tf.max(tf.abs(tf.sub(alone.context, pick(together.context)))).arraySync() as number;
      expect(gap).toBeLessThan(1e-6);
    }
  });

  test('leaks no tensor', () => {
    const given = example(name);
    const before = tf.memory().numTensors;
    const { memory, context, alignment } = run(name, given.weights, given);
    tf.dispose([memory.keys, memory.bias, context, alignment]);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('names the offending argument', () => {
    const given = example(name);
    const attention = { score: ATTENTION_SCORES[name], weights: given.weights };
    const bias = paddingBias(ENTRY_COUNTS, ENTRIES);
    expect(() => prepareMemory(attention, { values: given.values, bias: paddingBias([1, 1], 5) })).toThrow(
      'Expected `bias` of shape [2, 6], got [2, 5]',
    );
    const memory = prepareMemory(attention, { values: given.values, bias });
    expect(() => attend(attention, memory, { query: tf.zeros([3, queryDepth(name)]) })).toThrow(
      'Expected `query` of shape [2, *], got [3, ',
    );
    const deep = queryDepth(name) + 1;
    expect(() => attend(attention, memory, { query: tf.zeros([2, deep]) })).toThrow(
      `Expected \`query\` of shape [*, ${deep - 1}], got [2, ${deep}]`,
    );
    expect(() => attend(attention, memory, { query: given.query, previousAlignment: tf.zeros([2, 7]) })).toThrow(
      'Expected `previousAlignment` of shape [2, 6], got [2, 7]',
    );
  });
});

describe('attention', () => {
  test('adds the bias to the score, so that a mass of two entries weighs as two', () => {
    const values = tf.zeros<tf.Rank.R3>([1, 3, 2]);
    const bias = tf.tensor2d([[0, Math.log(2), 0]]);
    const attention = { score: ATTENTION_SCORES.dot, weights: {} };
    const { alignment } = attend(attention, prepareMemory(attention, { values, bias }), { query: tf.ones([1, 2]) });
    for (const [index, share] of [0.25, 0.5, 0.25].entries())
      expect(alignment.arraySync()[0]?.[index]).toBeCloseTo(share, 6);
  });

  test('refuses a row in which everything is hidden', () => {
    for (const counts of [
      [2, 0],
      [2, 5],
      [1.5, 1],
    ]) {
      expect(() => paddingBias(counts, 4)).toThrow(`Expected \`entryCounts\` in 1..4, got [${counts.join(', ')}]`);
    }
  });

  test('starts location features from an alignment of zeros', () => {
    const { weights, values, query } = example('location');
    const attention = { score: ATTENTION_SCORES.location, weights };
    const memory = prepareMemory(attention, { values, bias: paddingBias(ENTRY_COUNTS, ENTRIES) });
    const absent = attend(attention, memory, { query });
    const zeros = attend(attention, memory, { query, previousAlignment: tf.zeros([BATCH, ENTRIES]) });
    expect(tf.max(tf.abs(tf.sub(absent.alignment, zeros.alignment))).arraySync()).toBeLessThan(1e-6);
  });

  test('looks back and ahead over memories shorter than the filters and longer', () => {
    const { weights } = example('location');
    for (const entries of [1, 2, 21, 60]) {
      const previousAlignment = tf.softmax(randomTensor(5, 1, entries) as tf.Tensor2D);
      const asked = {
        query: tf.zeros<tf.Rank.R2>([1, 4]),
        keys: tf.zeros<tf.Rank.R3>([1, entries, UNITS]),
        previousAlignment,
      };
      const scores = ATTENTION_SCORES.location.score(weights, asked).arraySync()[0] ?? [];
      const previous = previousAlignment.arraySync()[0] ?? [];
      for (let e = 0; e < entries; e++) {
        const zeros = { q: [0, 0, 0, 0], h: [0, 0, 0, 0, 0] };
        const expected = EQUATIONS.location(arraysOf(weights), { ...zeros, e, previous });
        expect(at(scores, e)).toBeCloseTo(expected, 5);
      }
    }
  });

  test('refuses a dot score between vectors of different depth', () => {
    const sizes = { queryDepth: 4, memoryDepth: 5, attentionUnits: 1 };
    expect(() => ATTENTION_SCORES.dot.init(sizes, Random.seeded(1))).toThrow(
      "Expected `queryDepth` of a dot score to be the memory's depth, 5, got 4",
    );
  });

  test('has keys of the depth that it states', () => {
    for (const name of NAMES) {
      const sizes = { queryDepth: queryDepth(name), memoryDepth: DEPTH, attentionUnits: UNITS };
      const { weights, values } = example(name);
      expect(ATTENTION_SCORES[name].keys(weights, values).shape).toEqual([
        BATCH,
        ENTRIES,
        ATTENTION_SCORES[name].keyDepth(sizes),
      ]);
    }
  });
});
