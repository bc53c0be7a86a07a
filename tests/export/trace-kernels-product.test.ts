import * as tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { batch, type Case, expectAgreement, length } from './operation-cells.ts';

const PRODUCTS: Case[] = [
  [
    'matMul of rows',
    ['B', 'T', 6],
    (given) => tf.reshape(tf.matMul(tf.reshape(given.x, [-1, 4]), given.w), [batch(given), length(given), 6]),
  ],
  ['matMul, batched', ['B', 'T', 'E'], ({ x, y }) => tf.matMul(x, y, false, true)],
  ['matMul, first transposed', ['B', 4, 4], ({ x }) => tf.matMul(x, x, true, false)],
  ['matMul, both transposed', ['B', 4, 'E'], ({ x, y }) => tf.matMul(tf.matMul(x, x, true), y, true, true)],
  ['matMul, broadcast', ['B', 'T', 6], ({ x, w }) => tf.matMul(x, tf.expandDims(w, 0))],
  ['matMul by a transposed weight', [6, 4], ({ w }) => tf.matMul(w, tf.matMul(w, w, false, true), true)],
];

beforeAll(() => loadBackend('cpu'));

test.each(PRODUCTS)('%s agrees with tfjs', async (_what, shape, run) => {
  await expectAgreement(shape, run);
});
