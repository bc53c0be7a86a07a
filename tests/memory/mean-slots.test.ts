import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { meanSlots } from '../../src/memory/mean-slots.ts';

beforeAll(() => tf.setBackend('cpu'));

const children = tf.tensor3d([[[1], [2], [3], [10], [20]]]); // one node of five children

test('each slot is the mean of one stretch of the children, together they are all of them', async () => {
  const { slots, pooling } = meanSlots({ slots: 2 }, children);
  expect(await slots.array()).toEqual([[[1.5], [11]]]);
  const shares = await pooling.array();
  expect(shares[0]?.[0]?.map((share) => share.toFixed(3))).toEqual(['0.500', '0.500', '0.000', '0.000', '0.000']);
  expect(shares[0]?.[1]?.map((share) => share.toFixed(3))).toEqual(['0.000', '0.000', '0.333', '0.333', '0.333']);
});

test('children weigh by the vectors that they stand for', async () => {
  const { slots } = meanSlots({ slots: 1 }, children, tf.tensor2d([[1, 0, 0, 3, 0]]));
  expect((await slots.array())[0]?.[0]?.[0]).toBeCloseTo((1 + 3 * 10) / 4, 5);
});

test('of fewer children than slots, some are in several', async () => {
  const { slots } = meanSlots({ slots: 3 }, tf.tensor3d([[[1], [2]]]));
  expect(await slots.array()).toEqual([[[1], [1], [2]]]);
});
