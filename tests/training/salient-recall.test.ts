import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { forward } from '../../src/model/forward.ts';
import {
  answersAtEnd,
  salientRecall,
  salientRecallBatch,
  salientRecallConfig,
} from '../../src/training/salient-recall.ts';
import { Random } from '../../src/tensor/random.ts';
import { distance, tensors } from '../memory/cpu-memory.ts';

const OPTIONS = {
  memory: { depth: 8, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: false },
  labelCount: 6,
  batchSize: 5,
  lengths: [6, 12, 24],
  curriculumSteps: 60,
  seed: 1,
  validationLengths: [12, 24],
  validationCount: 8,
};

beforeAll(() => tf.setBackend('cpu'));

test('a sequence holds one marker with the answer behind it, and ends with the question', () => {
  const { tokens, answers, length } = salientRecallBatch({ labelCount: 6, batchSize: 200 }, 9, Random.seeded(2));
  const places = new Set<number>();
  for (const [row, answer] of answers.entries()) {
    const sequence = [...tokens.subarray(row * length, (row + 1) * length)];
    const marker = sequence.indexOf(6);
    places.add(marker);
    expect(sequence.filter((token) => token === 6)).toHaveLength(1);
    expect(sequence[marker + 1]).toBe(answer);
    expect(sequence.indexOf(7)).toBe(length - 1);
    expect(answer).toBeLessThan(6);
  }
  expect([...places].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('shards are pure functions of their index, and unlike each other', async () => {
  const task = salientRecall(OPTIONS);
  expect(await task.batches(3)).toEqual(await salientRecall(OPTIONS).batches(3));
  expect(await task.batches(3)).not.toEqual(await task.batches(4));
});

test('the curriculum starts with the shortest length and ends with all', async () => {
  const task = salientRecall(OPTIONS);
  const lengthsOf = async (shard: number) => new Set((await task.batches(shard)).map(({ length }) => length));
  expect(await lengthsOf(0)).toEqual(new Set([6]));
  expect(await lengthsOf(9)).toEqual(new Set([6, 12, 24]));
});

test('a vector sees its own token and the one before, nothing else', () => {
  const weights = tensors(salientRecall(OPTIONS).initialWeights());
  const [a, b] = [
    [1, 2, 3, 4, 5],
    [1, 0, 3, 4, 5],
  ].map((tokens) => {
    const inputs = tf.tensor2d([tokens], [1, 5], 'int32');
    return forward(weights, salientRecallConfig(OPTIONS), { inputs, lengths: [5] }).vectors.arraySync()[0];
  });
  const differs = a?.map((vector, time) => distance(vector, b?.[time] ?? []) > 0);
  expect(differs).toEqual([false, true, true, false, false]);
});

test('every token of the past can change the answer', () => {
  const weights = tensors(salientRecall(OPTIONS).initialWeights());
  const config = salientRecallConfig(OPTIONS);
  const tokens = salientRecallBatch({ labelCount: 6, batchSize: 1 }, 30, Random.seeded(3)).tokens;
  const logits = (ids: Int32Array) => answersAtEnd(weights, config, tf.tensor2d(ids, [1, 30], 'int32')).dataSync();
  const before = logits(tokens);
  for (let time = 0; time < 29; time++) {
    const changed = tokens.slice();
    changed[time] = ((changed[time] ?? 0) + 1) % 6;
    expect(distance(logits(changed), before)).toBeGreaterThan(0);
  }
});

test('validation counts wrong answers at every length', async () => {
  const task = salientRecall(OPTIONS);
  const figures = await task.validate(tensors(task.initialWeights()));
  expect(Object.keys(figures).toSorted()).toEqual(['error', 'error12', 'error24']);
  expect(figures.error).toBeCloseTo(((figures['error12'] ?? 0) + (figures['error24'] ?? 0)) / 2, 10);
});
