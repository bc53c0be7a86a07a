import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { exportCell } from '../../src/export/export-cell.ts';
import { traceCell } from '../../src/export/trace-cell.ts';
import type { Cell } from '../../src/cell/cell.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import { cellOf, FULL, type Given, length, WEIGHTS } from './operation-cells.ts';

beforeAll(() => loadBackend('cpu'));

describe('what a graph cannot say is refused by name', () => {
  const refused: readonly (readonly [what: string, code: string, message: RegExp, run: (given: Given) => tf.Tensor])[] =
    [
      [
        'an operation without a kernel',
        'export/unknown-kernel',
        /cell `cell` .* got `TopK`/u,
        ({ x }) => tf.topk(x, 2).values,
      ],
      [
        'a value read back',
        'export/read-back',
        /without reading values back/u,
        ({ x }) => tf.scalar(x.dataSync()[0] ?? 0),
      ],
      ['a loop over a dynamic axis', 'export/loop', /along a dynamic axis/u, ({ x }) => tf.unstack(x, 1)[0]!],
      [
        'a split along a dynamic axis',
        'export/loop',
        /along a dynamic axis/u,
        (given) => tf.split(given.x, length(given), 1)[0]!,
      ],
      [
        'host data along a dynamic axis',
        'export/host-data',
        /fixed axes/u,
        (given) => tf.add(tf.tensor1d(Array.from({ length: length(given) }, (_, index) => index)), 1),
      ],
      ['zeros along a dynamic axis', 'export/host-data', /`tf.fill`/u, ({ x }) => tf.mul(x, tf.zeros(x.shape))],
      [
        'a loop over a dynamic axis, step by step',
        'export/loop',
        /got a loop/u,
        (given) => {
          let sum: tf.Tensor = tf.mean(given.x, 1, true);
          for (let step = 0; step < length(given); step++) sum = tf.add(sum, 1);
          return tf.add(given.x, sum);
        },
      ],
      ...(
        [
          ['plus', (size: number) => size + 2],
          ['times', (size: number) => size * 4],
          ['less', (size: number) => size - 1],
          ['in halves', (size: number) => Math.ceil(size / 2)],
        ] as const
      ).map(([how, of]) => {
        const shape = (given: Given): [number, number, number] => [of(length(given)), 1, 4];
        const run = (given: Given): tf.Tensor => tf.add(given.x, tf.mean(tf.fill(shape(given), 1), 0, true));
        return [
          `a dynamic size that was a number: ${how}`,
          'export/axes',
          /`sizeSum` and `sizeProduct`/u,
          run,
        ] as const;
      }),
      [
        'a reshape that fits at some sizes only',
        'export/axes',
        /B T \* 4|4 B T/u,
        (given) => tf.reshape(given.x, [given.x.shape[0], -1, 8]),
      ],
      ['an output of another shape', 'tensor/shape', /`cell.result` of shape/u, ({ x }) => tf.transpose(x, [0, 2, 1])],
    ];

  test.each(refused)('%s', async (_, code, message, run) => {
    await expect(traceCell(cellOf(FULL, run), WEIGHTS)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  test('a tensor made before', async () => {
    const before = tf.tensor1d([1, 2, 3, 4]);
    await expect(
      traceCell(
        cellOf(FULL, ({ x }) => tf.add(x, before)),
        WEIGHTS,
      ),
    ).rejects.toMatchObject({
      code: 'export/foreign-tensor',
    });
    before.dispose();
  });

  test('an output of another type', async () => {
    await expect(
      traceCell(
        cellOf(['B', 'T'], ({ ids }) => ids),
        WEIGHTS,
      ),
    ).rejects.toMatchObject({
      code: 'export/output',
      message: 'Expected `cell.result` of type float32, got int32',
    });
  });

  test('an output that the cell does not give', async () => {
    const cell: Cell = { ...cellOf(FULL, ({ x }) => x), run: () => ({}) };
    await expect(traceCell(cell, WEIGHTS)).rejects.toMatchObject({ code: 'export/output' });
  });

  test('more letters than a graph is tried with', async () => {
    const cell = cellOf(FULL, ({ x }) => x);
    const inputs = { ...cell.inputs, z: { shape: ['P', 'Q', 'R'], dtype: 'float32' } } as const;
    await expect(exportCell({ ...cell, inputs }, WEIGHTS)).rejects.toMatchObject({ code: 'export/axes' });
  });
});

test('a cell whose graph computes something else is not exported', async () => {
  let runs = 0;
  const fickle = cellOf(FULL, ({ x }) => tf.add(x, runs++ === 0 ? 0 : 0.001));
  await expect(exportCell(fickle, WEIGHTS)).rejects.toMatchObject({
    code: 'export/disagrees',
    message: expect.stringMatching(/^Expected output `result` .* to 0.0001, got 1\.\de-3 for x \[1, 1, 4\]/u),
  });
});

test('tracing leaves the backend as it was and no tensor behind', async () => {
  const before = tf.memory();
  await traceCell(
    cellOf(FULL, ({ x }) => tf.tanh(x)),
    WEIGHTS,
  );
  await expect(
    traceCell(
      cellOf(FULL, ({ x }) => tf.topk(x, 2).values),
      WEIGHTS,
    ),
  ).rejects.toMatchObject({
    code: 'export/unknown-kernel',
  });
  expect(tf.getBackend()).toBe('cpu');
  expect(tf.memory()).toEqual(before);
});
