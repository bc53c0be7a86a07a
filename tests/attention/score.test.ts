import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { ATTENTION_SCORES, attend, paddingBias, prepareMemory } from '../../src/attention/attend.ts';
import { Random } from '../../src/tensor/random.ts';
import { BATCH, DEPTH, ENTRIES, ENTRY_COUNTS, example, NAMES, queryDepth, UNITS } from './attention-example.ts';
import { randomTensor } from './finite-differences.ts';
import { arraysOf, at, EQUATIONS } from './score-equations.ts';

beforeAll(() => tf.setBackend('cpu'));

describe('a location score', () => {
  test('starts its features from an alignment of zeros', () => {
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
