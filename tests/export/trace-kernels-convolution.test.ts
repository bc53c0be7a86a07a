import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import type { Cell } from '../../src/cell/cell.ts';
import { floats } from '../../src/cell/tensor-spec.ts';
import { ofRank4 } from '../../src/cell/typed-tensors.ts';
import { weight } from '../../src/cell/cell.ts';
import { exportCell } from '../../src/export/export-cell.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';

beforeAll(() => loadBackend('cpu'));

const WEIGHTS = { filter: normalArray(Random.seeded(1), [3, 2, 3, 4], 0.3) };

function convolution(run: (x: tf.Tensor4D, filter: tf.Tensor4D) => tf.Tensor, height: number, width: number): Cell {
  return {
    name: 'convolve',
    inputs: { x: floats('B', 6, 7, 3) },
    outputs: { y: floats('B', height, width, 4) },
    run: (weights, inputs) => ({ y: run(ofRank4(weight(inputs, 'x')), ofRank4(weight(weights, 'filter'))) }),
  };
}

test.each<[string, Cell]>([
  ['every pixel', convolution((x, filter) => tf.conv2d(x, filter, 1, 'valid'), 4, 6)],
  ['every second one', convolution((x, filter) => tf.conv2d(x, filter, 2, 'valid'), 2, 3)],
  ['strides unlike', convolution((x, filter) => tf.conv2d(x, filter, [3, 2], 'valid'), 2, 3)],
  ['dilated', convolution((x, filter) => tf.conv2d(x, filter, 1, 'valid', 'NHWC', [2, 3]), 2, 4)],
])('conv2d agrees with tfjs: %s', async (_what, cell) => {
  expect((await exportCell(cell, WEIGHTS)).worstDifference).toBeLessThan(1e-5);
});

test('a border of its own is refused: pad before it', async () => {
  const cell = convolution((x, filter) => tf.conv2d(x, filter, 1, 'same'), 6, 7);
  await expect(exportCell(cell, WEIGHTS)).rejects.toThrow('to be valid, NHWC, got same, NHWC');
});
