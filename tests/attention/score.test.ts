import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { ATTENTION_SCORES, type AttentionScoreName, paddingBias, Random } from '../../src/attention/index.ts';
import { DEPTH, ENTRIES, ENTRY_COUNTS, FAMILY, gap, given, run } from './family.ts';
import { randomTensor } from './finite-differences.ts';
import { arraysOf, at, EQUATIONS } from './score-equations.ts';

beforeAll(() => tf.setBackend('cpu'));

const NAMES = Object.keys(ATTENTION_SCORES) as AttentionScoreName[]; // its only keys

describe.each(FAMILY.filter(({ name }) => name in EQUATIONS))('$name attention', (member) => {
  test('agrees with its equation written as loops, on a padded row too', () => {
    const all = given(member);
    const { context, alignment } = run(member, all);
    const equation = EQUATIONS[member.name as AttentionScoreName]; // the filter above
    const arrays = arraysOf(all.weights);
    for (const [row, count] of ENTRY_COUNTS.entries()) {
      const h = (all.values.arraySync()[row] ?? []).slice(0, count);
      const q = all.query.arraySync()[row] ?? [];
      const previous = all.state['alignment']?.arraySync()[row] ?? [];
      const exponentials = h.map((entry, e) => Math.exp(equation(arrays, { q, h: entry, e, previous })));
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
});

test('every score has its equation', () => {
  expect(FAMILY.filter(({ name }) => name in EQUATIONS).map(({ name }) => name)).toEqual(NAMES);
});

describe('a location score', () => {
  const { location } = ATTENTION_SCORES;
  const sizes = { queryDepth: 4, memoryDepth: 5, attentionUnits: 7 };
  const shapes = Object.entries(location.init(sizes, Random.seeded(1)));
  const weights = Object.fromEntries(shapes.map(([name, { shape }], index) => [name, randomTensor(index, ...shape)]));

  test('starts its features from an alignment of zeros', () => {
    const asked = { query: randomTensor(1, 2, 4) as tf.Tensor2D, keys: randomTensor(2, 2, 6, 7) as tf.Tensor3D };
    const absent = location.scoring.score(weights, asked);
    const zeros = location.scoring.score(weights, { ...asked, previousAlignment: tf.zeros([2, 6]) });
    expect(gap(absent, zeros)).toBe(0);
  });

  test('looks back and ahead over memories shorter than the filters and longer', () => {
    for (const entries of [1, 2, 21, 60]) {
      const previousAlignment = tf.softmax(randomTensor(5, 1, entries) as tf.Tensor2D);
      const asked = {
        query: tf.zeros<tf.Rank.R2>([1, 4]),
        keys: tf.zeros<tf.Rank.R3>([1, entries, 7]),
        previousAlignment,
      };
      const scores = location.scoring.score(weights, asked).arraySync()[0] ?? [];
      const previous = previousAlignment.arraySync()[0] ?? [];
      for (let e = 0; e < entries; e++) {
        const zeros = { q: [0, 0, 0, 0], h: [0, 0, 0, 0, 0] };
        const expected = EQUATIONS.location(arraysOf(weights), { ...zeros, e, previous });
        expect(at(scores, e)).toBeCloseTo(expected, 5);
      }
    }
  });
});

test('refuses scores that compare vectors of different depth', () => {
  const sizes = { queryDepth: 4, memoryDepth: 5, attentionUnits: 1 };
  for (const [name, what] of [
    ['dot', 'a dot score'],
    ['cosine', 'a cosine'],
  ] as const) {
    expect(() => ATTENTION_SCORES[name].init(sizes, Random.seeded(1))).toThrow(
      `Expected \`queryDepth\` of ${what} to be the memory's depth, 5, got 4`,
    );
  }
});

describe('a bias', () => {
  test('is added to the score, so that a mass of two entries weighs as two', () => {
    const values = tf.zeros<tf.Rank.R3>([1, 3, 2]);
    const bias = tf.tensor2d([[0, Math.log(2), 0]]);
    const { dot } = ATTENTION_SCORES;
    const { alignment } = dot.attend({}, tf.ones([1, 2]), dot.prepare({}, { values, bias }), {});
    for (const [index, share] of [0.25, 0.5, 0.25].entries())
      expect(alignment.arraySync()[0]?.[index]).toBeCloseTo(share, 6);
  });

  test('cannot be made for a row in which everything is hidden', () => {
    for (const counts of [
      [2, 0],
      [2, 5],
      [1.5, 1],
    ]) {
      expect(() => paddingBias(counts, 4)).toThrow(`Expected \`entryCounts\` in 1..4, got [${counts.join(', ')}]`);
    }
  });

  test('may be learned, where nothing is hidden by what is learned', () => {
    const { dot } = ATTENTION_SCORES;
    const values = randomTensor(1, 1, 3, 2) as tf.Tensor3D;
    const gradient = tf.grad((bias) => {
      const prepared = dot.prepare({}, { values, bias: bias as tf.Tensor2D });
      return tf.sum(tf.square(dot.attend({}, tf.ones([1, 2]), prepared, {}).context));
    })(tf.tensor2d([[0.5, -0.5, 0]]));
    expect(tf.max(tf.abs(gradient)).arraySync()).toBeGreaterThan(0.01);
  });
});
