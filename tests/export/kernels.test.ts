import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';

import { exportCell } from '../../src/export/export-cell.ts';
import { traceCell } from '../../src/export/trace-cell.ts';
import type { Axis, Cell } from '../../src/model/cell.ts';
import { weight } from '../../src/model/weight.ts';
import { loadBackend } from '../../src/runtime/backends.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';

/** What the cells below have to work with. */
type Given = {
  /** `[B, T, 4]` */ readonly x: tf.Tensor3D;
  /** `[B, E, 4]` */ readonly y: tf.Tensor3D;
  /** `[B, T]`, int32, 0 or 1 */ readonly ids: tf.Tensor2D;
  /** `[4, 6]` */ readonly w: tf.Tensor2D;
};
type Case = readonly [what: string, output: readonly Axis[], run: (given: Given) => tf.Tensor];

const WEIGHTS: HostArrays = {
  w: { shape: [4, 6], data: Float32Array.from({ length: 24 }, (_, index) => Math.sin(index)) },
};

function cellOf(shape: readonly Axis[], run: (given: Given) => tf.Tensor): Cell {
  return {
    name: 'cell',
    inputs: {
      x: { shape: ['B', 'T', 4], dtype: 'float32' },
      y: { shape: ['B', 'E', 4], dtype: 'float32' },
      ids: { shape: ['B', 'T'], dtype: 'int32' },
    },
    outputs: { result: { shape, dtype: 'float32' } },
    // Ranks as the specs above say.
    run: (weights, inputs) => ({
      result: run({
        x: weight(inputs, 'x') as tf.Tensor3D,
        y: weight(inputs, 'y') as tf.Tensor3D,
        ids: weight(inputs, 'ids') as tf.Tensor2D,
        w: weight(weights, 'w') as tf.Tensor2D,
      }),
    }),
  };
}

const FULL = ['B', 'T', 4] as const;
const length = ({ x }: Given): number => x.shape[1];
const batch = ({ x }: Given): number => x.shape[0];
const sizes = (given: Given, last: number): [number, number, number] => [batch(given), length(given), last];
const oddSizes = (given: Given): [number] => [2 * length(given) + 1];
const positive = ({ x }: Given): tf.Tensor3D => tf.add(tf.abs(x), 0.5);

const ELEMENTWISE: Case[] = [
  ['abs', FULL, ({ x }) => tf.abs(x)],
  ['add, broadcast', FULL, ({ x, w }) => tf.add(x, tf.slice(w, [0, 0], [4, 1]).reshape([4]))],
  ['addN', FULL, ({ x }) => tf.addN([x, x, x])],
  ['ceil', FULL, ({ x }) => tf.ceil(x)],
  ['clipByValue', FULL, ({ x }) => tf.clipByValue(x, -0.3, 0.4)],
  ['cos', FULL, ({ x }) => tf.cos(x)],
  ['div', FULL, (given) => tf.div(given.x, positive(given))],
  ['elu', FULL, ({ x }) => tf.elu(x)],
  ['equal', FULL, ({ x }) => tf.cast(tf.equal(tf.round(x), 0), 'float32')],
  ['erf', FULL, ({ x }) => tf.erf(x)],
  ['exp', FULL, ({ x }) => tf.exp(x)],
  ['expm1', FULL, ({ x }) => tf.expm1(x)],
  ['floor', FULL, ({ x }) => tf.floor(x)],
  ['greater', FULL, ({ x }) => tf.cast(tf.greater(x, 0.1), 'float32')],
  ['greaterEqual', FULL, ({ x }) => tf.cast(tf.greaterEqual(x, 0.1), 'float32')],
  ['isNaN', FULL, ({ x }) => tf.cast(tf.isNaN(x), 'float32')],
  ['leakyRelu', FULL, ({ x }) => tf.leakyRelu(x, 1)],
  ['less', FULL, ({ x }) => tf.cast(tf.less(x, 0.1), 'float32')],
  ['lessEqual', FULL, ({ x }) => tf.cast(tf.lessEqual(x, 0.1), 'float32')],
  ['log', FULL, (given) => tf.log(positive(given))],
  ['log1p', FULL, (given) => tf.log1p(positive(given))],
  ['logicalAnd', FULL, ({ x }) => tf.cast(tf.logicalAnd(tf.greater(x, -0.5), tf.less(x, 0.5)), 'float32')],
  ['logicalNot', FULL, ({ x }) => tf.cast(tf.logicalNot(tf.greater(x, 0)), 'float32')],
  ['logicalOr', FULL, ({ x }) => tf.cast(tf.logicalOr(tf.less(x, -0.5), tf.greater(x, 0.5)), 'float32')],
  ['maximum', FULL, ({ x }) => tf.maximum(x, 0.2)],
  ['minimum', FULL, ({ x }) => tf.minimum(x, 0.2)],
  ['mul', FULL, ({ x }) => tf.mul(x, x)],
  ['neg', FULL, ({ x }) => tf.neg(x)],
  ['notEqual', FULL, ({ x }) => tf.cast(tf.notEqual(tf.round(x), 0), 'float32')],
  ['onesLike', FULL, ({ x }) => tf.add(x, tf.onesLike(x))],
  ['pow', FULL, (given) => tf.pow(positive(given), 1.5)],
  ['reciprocal', FULL, (given) => tf.reciprocal(positive(given))],
  ['relu', FULL, ({ x }) => tf.relu(x)],
  ['relu6', FULL, ({ x }) => tf.relu6(tf.mul(x, 10))],
  ['round', FULL, ({ x }) => tf.round(tf.mul(x, 7))],
  ['rsqrt', FULL, (given) => tf.rsqrt(positive(given))],
  ['sigmoid', FULL, ({ x }) => tf.sigmoid(x)],
  ['sign', FULL, ({ x }) => tf.sign(x)],
  ['sin', FULL, ({ x }) => tf.sin(x)],
  ['softplus', FULL, ({ x }) => tf.softplus(x)],
  ['sqrt', FULL, (given) => tf.sqrt(positive(given))],
  ['square', FULL, ({ x }) => tf.square(x)],
  ['squaredDifference', FULL, ({ x }) => tf.squaredDifference(x, 0.3)],
  ['sub of an integer tensor', ['B', 'T'], ({ ids }) => tf.cast(tf.sub(ids, tf.scalar(3, 'int32')), 'float32')],
  ['tanh', FULL, ({ x }) => tf.tanh(x)],
  ['where', FULL, ({ x }) => tf.where(tf.greater(x, 0), x, tf.mul(x, 0.1))],
  ['where, broadcast', FULL, ({ x, ids }) => tf.where(tf.expandDims(tf.cast(ids, 'bool'), 2), x, tf.zerosLike(x))],
  ['a weight as it is', [4, 6], ({ w }) => tf.clone(w)],
  ['an input as it is', FULL, ({ x }) => x],
];

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
  ['slice from the end', ['B', 1, 4], (given) => tf.slice(given.x, [0, length(given) - 1, 0], [batch(given), 1, 4])],
  ['slice of fixed size', ['B', 1, 2], ({ x }) => tf.slice(x, [0, 0, 1], [-1, 1, 2])],
  ['split and stack', ['B', 'T', 2, 2], ({ x }) => tf.stack(tf.split(x, 2, 2), 2)],
  ['split, uneven', ['B', 'T', 3], ({ x }) => tf.split(x, [1, 3], -1)[1] as tf.Tensor],
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
  ['unstack', ['B', 'T'], ({ x }) => tf.unstack(x, 2)[3] as tf.Tensor],
  ['zeros of dynamic size', ['B', 3], (given) => tf.zeros([batch(given), 3])],
];

/** Host code that computes with sizes, as cells do. */
const SIZES: Case[] = [
  ['two axes merged', ['M', 4], (given) => tf.reshape(given.x, [batch(given) * length(given), 4])],
  ['an axis split into several', ['B', 'T', 2, 2], (given) => tf.reshape(given.x, [batch(given), length(given), 2, 2])],
  [
    'merged, then parted in the other order',
    ['T', 'B', 2, 2],
    (given) => tf.reshape(tf.reshape(tf.transpose(given.x, [1, 0, 2]), [-1, 4]), [length(given), batch(given), 2, 2]),
  ],
  ['all axes merged', ['A'], (given) => tf.reshape(given.x, [batch(given) * length(given) * 4])],
  [
    'an axis of the one length plus the other',
    ['B', 'S', 1],
    (given) =>
      tf.reshape(tf.mean(tf.concat([given.x, given.y], 1), 2), [batch(given), length(given) + given.y.shape[1], 1]),
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
      return tf.slice(joined, [0, length(given), 0], [batch(given), joined.shape[1] - length(given), 4]);
    },
  ],
  ['twice a length and one', ['D', 1], (given) => tf.reshape(tf.fill(oddSizes(given), 3), [2 * length(given) + 1, 1])],
];

beforeAll(() => loadBackend('cpu'));

describe.each([
  ['element by element', ELEMENTWISE],
  ['along an axis', REDUCTIONS],
  ['products', PRODUCTS],
  ['shapes', SHAPES],
  ['computed sizes', SIZES],
] as const)('onnxruntime agrees with tfjs: %s', (_, cases) => {
  test.each(cases)('%s', async (_what, shape, run) => {
    const { worstDifference } = await exportCell(cellOf(shape, run), WEIGHTS);
    expect(worstDifference).toBeLessThan(1e-5);
  });
});

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
      [
        'a loop over a dynamic axis',
        'export/loop',
        /along a dynamic axis/u,
        ({ x }) => tf.unstack(x, 1)[0] as tf.Tensor,
      ],
      [
        'a split along a dynamic axis',
        'export/loop',
        /along a dynamic axis/u,
        (given) => tf.split(given.x, length(given), 1)[0] as tf.Tensor,
      ],
      [
        'host data along a dynamic axis',
        'export/host-data',
        /fixed axes/u,
        (given) => tf.add(tf.tensor1d(Array.from({ length: length(given) }, (_, index) => index)), 1),
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

  test('more letters than there are stand-ins', async () => {
    const cell = cellOf(FULL, ({ x }) => x);
    const inputs = { ...cell.inputs, z: { shape: ['P', 'Q', 'R'], dtype: 'float32' } } as const;
    await expect(traceCell({ ...cell, inputs }, WEIGHTS)).rejects.toMatchObject({ code: 'export/axes' });
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
  const before = tf.memory().numTensors;
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
  expect(tf.memory().numTensors).toBe(before);
});
