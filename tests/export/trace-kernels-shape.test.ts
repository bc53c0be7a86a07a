import * as tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { sizeDifference } from '../../src/cell/size.ts';
import { batch, type Case, expectAgreement, FULL, type Given, length } from './operation-cells.ts';

const sizes = (given: Given, last: number): [number, number, number] => [batch(given), length(given), last];

const rows = (given: Given): [number, number] => [batch(given), 3];

const SHAPES: Case[] = [
  ['concat along a dynamic axis', ['B', 'C', 4], ({ x, y }) => tf.concat([x, y], 1)],
  ['concat, negative axis', ['B', 'T', 8], ({ x }) => tf.concat([x, x], -1)],
  ['expandDims, negative axis', ['B', 'T', 4, 1], ({ x }) => tf.expandDims(x, -1)],
  ['fill of dynamic size', ['B', 'T', 2], (given) => tf.fill(sizes(given, 2), 0.5)],
  ['gather by a vector', ['B', 'T', 6], ({ ids, w }) => tf.gather(w, ids)],
  ['gather along an inner axis', ['B', 'T', 2], ({ x }) => tf.gather(x, tf.tensor1d([3, 1], 'int32'), 2)],
  ['oneHot', ['B', 'T', 3], ({ ids }) => tf.oneHot(ids, 3, 2, -1, 'float32')],
  ['oneHot of integers', ['B', 'T', 3], ({ ids }) => tf.cast(tf.oneHot(ids, 3, 1, 0, 'int32'), 'float32')],
  [
    'pad',
    ['B', 'P', 5],
    ({ x }) =>
      tf.pad(
        x,
        [
          [0, 0],
          [2, 1],
          [1, 0],
        ],
        0.25,
      ),
  ],
  ['range to a dynamic length', ['T'], (given) => tf.range(0, length(given), 1, 'float32')],
  ['range of integers, by twos', [4], () => tf.cast(tf.range(1, 8, 2, 'int32'), 'float32')],
  ['reverse', FULL, ({ x }) => tf.reverse(x, 1)],
  [
    'slice from the end',
    ['B', 1, 4],
    (given) => tf.slice(given.x, [0, sizeDifference(length(given), 1), 0], [batch(given), 1, 4]),
  ],
  ['slice of fixed size', ['B', 1, 2], ({ x }) => tf.slice(x, [0, 0, 1], [-1, 1, 2])],
  ['split and stack', ['B', 'T', 2, 2], ({ x }) => tf.stack(tf.split(x, 2, 2), 2)],
  ['split, uneven', ['B', 'T', 3], ({ x }) => tf.split(x, [1, 3], -1)[1]!],
  ['squeeze', ['B', 4], ({ x }) => tf.squeeze(tf.mean(x, 1, true), [1])],
  ['stack, negative axis', ['B', 'T', 4, 2], ({ x }) => tf.stack([x, tf.neg(x)], -1)],
  [
    'tile by a dynamic count',
    ['B', 'T', 6],
    (given) => tf.tile(tf.reshape(given.w, [1, 4, 6]).slice([0, 0, 0], [1, 1, 6]), [batch(given), length(given), 1]),
  ],
  [
    'broadcastTo',
    ['B', 'T', 6],
    (given) => tf.broadcastTo(tf.slice(given.w, [0, 0], [1, 6]), [batch(given), length(given), 6]),
  ],
  ['transpose', [4, 'B', 'T'], ({ x }) => tf.transpose(x, [2, 0, 1])],
  ['unstack', ['B', 'T'], ({ x }) => tf.unstack(x, 2)[3]!],
  ['zeros of dynamic size', ['B', 3], (given) => tf.fill(rows(given), 0)],
];

beforeAll(() => loadBackend('cpu'));

test.each(SHAPES)('%s agrees with tfjs', async (_what, shape, run) => {
  await expectAgreement(shape, run);
});
