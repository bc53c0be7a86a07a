import * as tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { type Case, expectAgreement, FULL } from './operation-cells.ts';

const REDUCTIONS: Case[] = [
  ['argMax', ['B', 'T'], ({ x }) => tf.cast(tf.argMax(x, 2), 'float32')],
  ['argMin', ['B', 4], ({ x }) => tf.cast(tf.argMin(x, 1), 'float32')],
  ['cumsum', FULL, ({ x }) => tf.cumsum(x, 1)],
  ['cumsum, exclusive from the end', FULL, ({ x }) => tf.cumsum(x, 1, true, true)],
  ['logSoftmax', FULL, ({ x }) => tf.logSoftmax(x)],
  ['logSumExp', ['B', 'T'], ({ x }) => tf.logSumExp(x, -1)],
  ['max', ['B', 4], ({ x }) => tf.max(x, 1)],
  ['mean, kept axis', ['B', 1, 4], ({ x }) => tf.mean(x, 1, true)],
  ['mean of all', [], ({ x }) => tf.mean(x)],
  ['min, negative axis', ['B', 'T'], ({ x }) => tf.min(x, -1)],
  ['prod', ['B', 'T'], ({ x }) => tf.prod(x, 2)],
  ['softmax', FULL, ({ x }) => tf.softmax(x)],
  ['sum over two axes', ['T'], ({ x }) => tf.sum(x, [0, 2])],
  ['sum over no axis', FULL, ({ x }) => tf.sum(x, [])],
];

beforeAll(() => loadBackend('cpu'));

test.each(REDUCTIONS)('%s agrees with tfjs', async (_what, shape, run) => {
  await expectAgreement(shape, run);
});
