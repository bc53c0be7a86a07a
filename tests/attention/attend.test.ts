import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { ATTENTION_SCORES, attend, createAttention, paddingBias, prepareMemory } from '../../src/attention/attend.ts';
import {
  BATCH,
  DEPTH,
  ENTRIES,
  ENTRY_COUNTS,
  type Example,
  example,
  NAMES,
  queryDepth,
  run,
} from './attention-example.ts';
import { gradientErrors, mixed } from './finite-differences.ts';
import { arraysOf, at, EQUATIONS } from './score-equations.ts';

beforeAll(() => tf.setBackend('cpu'));

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
  test('made by the name of a score has the same first weights for a seed, and others for another', async () => {
    const sizes = { queryDepth: 3, memoryDepth: 4, attentionUnits: 5 };
    const weightsOf = async (seed?: number): Promise<number[]> => {
      const { weights } = createAttention('additive', sizes, seed);
      const query = await weights['query']?.data();
      tf.dispose(weights);
      return Array.from(query ?? []);
    };
    expect(await weightsOf()).toHaveLength(15);
    expect(await weightsOf(1)).toEqual(await weightsOf());
    expect(await weightsOf(2)).not.toEqual(await weightsOf(1));
  });

  test('that there is not is refused with the nearest name', () => {
    // What a caller without a compiler may give.
    const name = 'aditive' as 'additive';
    expect(() => createAttention(name, { queryDepth: 3, memoryDepth: 4, attentionUnits: 5 })).toThrow('mean additive?');
  });

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
});
