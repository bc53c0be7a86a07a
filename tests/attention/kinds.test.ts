/** What is particular to a mechanism. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import {
  additive,
  type AttentionMechanism,
  attentionNamed,
  averagePooling,
  dot,
  kernelRegression,
  localMonotonic,
  localPredictive,
  location,
  milk,
  mocha,
  monotonic,
  multiHead,
  paddingBias,
  Random,
  scaledDot,
  tensorsOf,
} from '../../src/attention/index.ts';
import type { Weights } from '../../src/cell/cell.ts';
import { initMemory } from '../../src/memory/cells.ts';
import { entriesAt, readParallel } from '../../src/memory/parallel.ts';
import { gap } from './family.ts';
import { randomTensor } from './finite-differences.ts';

beforeAll(() => tf.setBackend('cpu'));

const SIZES = { queryDepth: 3, memoryDepth: 3, attentionUnits: 4 };

function alignments(
  mechanism: AttentionMechanism,
  weights: Weights,
  values: tf.Tensor3D,
  queries: tf.Tensor2D[],
): number[][] {
  const prepared = mechanism.prepare(weights, { values, bias: paddingBias([values.shape[1]], values.shape[1]) });
  let state = mechanism.start(prepared);
  return queries.map((query) => {
    const attended = mechanism.attend(weights, query, prepared, state);
    ({ state } = attended);
    return attended.alignment.arraySync()[0] ?? [];
  });
}

describe('kernel regression', () => {
  const keys = randomTensor(1, 2, 6, 3) as tf.Tensor3D;
  const values = randomTensor(2, 2, 6, 4) as tf.Tensor3D;
  const query = randomTensor(3, 2, 3) as tf.Tensor2D;
  const bias = paddingBias([6, 6], 6);
  const attend = (mechanism: AttentionMechanism, weights: Weights = {}) =>
    mechanism.attend(weights, query, mechanism.prepare(weights, { keys, values, bias }), {});

  test('with a Gaussian of width 1 is a softmax of half the squared distances', () => {
    const squares = tf.sum(tf.squaredDifference(tf.expandDims(query, 1), keys), 2);
    expect(gap(attend(kernelRegression()).alignment, tf.softmax(tf.mul(squares, -0.5)))).toBeLessThan(1e-7);
  });

  test('with a learned width starts as the one of width 1, and follows the width', () => {
    const learned = kernelRegression({ width: 'learned' });
    const start = tensorsOf(learned.init({ queryDepth: 3, memoryDepth: 3, attentionUnits: 1 }, Random.seeded(1)));
    expect(gap(attend(learned, start).context, attend(kernelRegression()).context)).toBe(0);
    const narrow = attend(learned, { inverseWidth: tf.tensor1d([2]) });
    expect(gap(narrow.context, attend(kernelRegression({ width: 0.5 })).context)).toBeLessThan(1e-6);
  });

  test('nears average pooling as the width grows, and the nearest point as it shrinks', () => {
    expect(gap(attend(kernelRegression({ width: 1e4 })).context, attend(averagePooling).context)).toBeLessThan(1e-6);
    const nearest = tf.argMin(tf.sum(tf.square(tf.sub(tf.expandDims(query, 1), keys)), 2), 1);
    const { alignment } = attend(kernelRegression({ width: 0.01 }));
    expect(alignment.arraySync()).toEqual(tf.oneHot(nearest, 6).arraySync());
  });

  test('gives zeros where no point is within reach of a bounded kernel', () => {
    for (const kernel of ['boxcar', 'epanechnikov'] as const) {
      expect(tf.max(tf.abs(attend(kernelRegression({ kernel, width: 1e-3 })).context)).arraySync()).toBe(0);
    }
  });

  test('refuses widths that are none, and to learn that of a boxcar', () => {
    for (const width of [0, -1, Number.NaN, Infinity]) {
      expect(() => kernelRegression({ width })).toThrow(`Expected \`width\` to be above 0, or 'learned', got ${width}`);
    }
    expect(() => kernelRegression({ kernel: 'boxcar', width: 'learned' })).toThrow(
      "Expected `width` of a boxcar to be a number, got 'learned'",
    );
  });
});

describe('local attention', () => {
  const values = randomTensor(4, 1, 8, 3) as tf.Tensor3D;
  const queries = Array.from({ length: 12 }, (_, index) => randomTensor(20 + index, 1, 3) as tf.Tensor2D);

  test('with reach over everything is global attention, times its Gaussian where it is predictive', () => {
    const everything = alignments(dot, {}, values, queries);
    expect(alignments(localMonotonic({ reach: 20, attention: dot }), {}, values, queries)).toEqual(everything);
    const predictive = localPredictive({ reach: 20, attention: dot });
    const weights = { 'place.kernel': tf.zeros([3, 4]), 'place.score': tf.zeros([4]) }; // in the middle: place 4
    const expected = everything.map((row) => row.map((share, s) => share * Math.exp(-((s - 4) ** 2) / (2 * 10 ** 2))));
    for (const [step, row] of alignments(predictive, weights, values, queries).entries()) {
      for (const [s, share] of row.entries()) expect(share).toBeCloseTo(expected[step]?.[s] ?? Number.NaN, 6);
    }
  });

  test('moves on by one entry a query, and stays at the last', () => {
    const seen = alignments(localMonotonic({ reach: 1, attention: dot }), {}, values, queries).map((row) =>
      row.flatMap((share, index) => (share > 0 ? [index] : [])),
    );
    expect(seen.slice(0, 3)).toEqual([
      [0, 1],
      [0, 1, 2],
      [1, 2, 3],
    ]);
    expect(seen.slice(6)).toEqual([
      [5, 6, 7],
      [6, 7],
      [6, 7],
      [6, 7],
      [6, 7],
      [6, 7],
    ]);
  });

  test('refuses a reach of nothing', () => {
    expect(() => localMonotonic({ reach: 0 })).toThrow('Expected `reach` to be an integer in 1..65536, got 0');
    expect(() => localPredictive({ reach: 0.5 })).toThrow('Expected `reach` to be an integer in 1..65536, got 0.5');
  });
});

describe('heads', () => {
  test('of which there is one, with maps that change nothing, are the mechanism itself', () => {
    const values = randomTensor(1, 1, 5, 3) as tf.Tensor3D;
    const weights = tensorsOf(additive.init(SIZES, Random.seeded(1)));
    const named = Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [`head.0.${name}`, tensor]));
    const identity = { 'head.0.value': tf.eye(3), output: tf.eye(3) };
    const queries = [randomTensor(2, 1, 3) as tf.Tensor2D];
    expect(alignments(multiHead(additive, 1), { ...named, ...identity }, values, queries)).toEqual(
      alignments(additive, weights, values, queries),
    );
  });

  test('are refused where sizes do not divide, or where all would be alike', () => {
    const init = (mechanism: AttentionMechanism, sizes = SIZES) => mechanism.init(sizes, Random.seeded(1));
    expect(() => init(multiHead(scaledDot, 3))).toThrow('Expected `heads` to divide attentionUnits, 4, got 3');
    expect(() => init(multiHead(scaledDot, 2))).toThrow('Expected `heads` to divide the depth of a value, 3, got 2');
    expect(() => init(multiHead(dot, 1))).toThrow('Expected a mechanism with weights for each head, got one of none');
    expect(() => multiHead(scaledDot, 0)).toThrow('Expected `heads` to be an integer in 1..256, got 0');
  });
});

describe('monotonic attention', () => {
  test('is refused chunks of no entries, and scores that read an alignment before', () => {
    expect(() => mocha({ chunk: 0 })).toThrow('Expected `chunk` to be an integer in 1..1024, got 0');
    expect(() => milk({ attention: location })).toThrow(
      'Expected `attention` to have a score that reads no alignment before',
    );
  });

  test("runs over a hierarchical memory's entries, and sees nothing of those that are hidden", () => {
    const config = { depth: 4, heads: 2, window: 3, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: true };
    const vectors = randomTensor(5, 1, 30, 4) as tf.Tensor3D;
    const { levels } = readParallel(tensorsOf(initMemory(config, Random.seeded(1))), config, vectors);
    const { entries, bias } = entriesAt(config, levels, [30], [12]); // what ended before vector 12 is hidden
    const sizes = { queryDepth: 3, memoryDepth: 4, attentionUnits: 5 };
    for (const mechanism of [monotonic(), mocha({ chunk: 2 }), milk(), milk({ stops: 'hard' })]) {
      const drawn = tensorsOf(mechanism.init(sizes, Random.seeded(2)));
      const offsets = Object.keys(drawn).filter((name) => name.endsWith('offset'));
      const weights = { ...drawn, ...Object.fromEntries(offsets.map((name) => [name, tf.tensor1d([0])])) };
      const prepared = mechanism.prepare(weights, { values: entries, bias });
      const start = mechanism.start(prepared);
      const first = mechanism.attend(weights, tf.ones([1, 3]), prepared, start).alignment.arraySync()[0] ?? [];
      const hidden = (bias.arraySync()[0] ?? []).map((value) => value < -1e8);
      expect(hidden.filter(Boolean).length).toBeGreaterThan(2);
      expect(first.filter((share, entry) => hidden[entry] === true && share !== 0)).toEqual([]);
      const sum = first.reduce((a, b) => a + b, 0);
      expect(sum).toBeGreaterThan(0.5);
    }
  });
});

test('a score that there is not is refused with the nearest name', () => {
  const score = 'aditive' as 'additive'; // what a caller without a compiler may give
  expect(() => attentionNamed({ kind: 'global', score })).toThrow('mean additive?');
});
