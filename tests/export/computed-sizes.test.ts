import * as tf from '@tensorflow/tfjs';
import { beforeAll, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { sizeDifference, sizeProduct, sizeSum } from '../../src/cell/size.ts';
import { batch, type Case, expectAgreement, FULL, type Given, length } from './operation-cells.ts';

const oddSizes = (given: Given): [number] => [sizeSum(sizeProduct(2, length(given)), 1)];

/** Host code that computes with sizes, as cells do. */
const SIZES: Case[] = [
  ['two axes merged', ['M', 4], (given) => tf.reshape(given.x, [sizeProduct(batch(given), length(given)), 4])],
  ['an axis split into several', ['B', 'T', 2, 2], (given) => tf.reshape(given.x, [batch(given), length(given), 2, 2])],
  [
    'merged, then parted in the other order',
    ['T', 'B', 2, 2],
    (given) => tf.reshape(tf.reshape(tf.transpose(given.x, [1, 0, 2]), [-1, 4]), [length(given), batch(given), 2, 2]),
  ],
  ['all axes merged', ['A'], (given) => tf.reshape(given.x, [sizeProduct(batch(given), length(given), 4)])],
  [
    'an axis of the one length plus the other',
    ['B', 'S', 1],
    (given) =>
      tf.reshape(tf.mean(tf.concat([given.x, given.y], 1), 2), [
        batch(given),
        sizeSum(length(given), given.y.shape[1]),
        1,
      ]),
  ],
  [
    'a window on a padded axis',
    FULL,
    (given) => {
      const padded = tf.pad(given.x, [
        [0, 0],
        [2, 0],
        [0, 0],
      ]);
      return tf.add(
        tf.slice(padded, [0, 0, 0], [batch(given), length(given), 4]),
        tf.slice(padded, [0, 1, 0], [batch(given), length(given), 4]),
      );
    },
  ],
  [
    'the last vectors of a joined axis',
    ['B', 'E', 4],
    (given) => {
      const joined = tf.concat([given.x, given.y], 1);
      return tf.slice(joined, [0, length(given), 0], [batch(given), sizeDifference(joined.shape[1], length(given)), 4]);
    },
  ],
  ['twice a length and one', ['D', 1], (given) => tf.reshape(tf.fill(oddSizes(given), 3), [...oddSizes(given), 1])],
];

beforeAll(() => loadBackend('cpu'));

test.each(SIZES)('%s agrees with tfjs', async (_what, shape, run) => {
  await expectAgreement(shape, run);
});
