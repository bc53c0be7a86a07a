import * as tf from '@tensorflow/tfjs';
import protocol from 'onnx-proto';
import { beforeAll, describe, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { exportCell } from '../../src/export/export-cell.ts';
import { traceCell } from '../../src/export/trace-cell.ts';
import { cellsOf } from '../../src/model/cells.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';
import { initRecognizer } from '../model/first-weights.ts';
import { cellOf, type Given, WEIGHTS } from './operation-cells.ts';

/** Codes of `TensorProto.DataType`. */
const [FLOAT32, INT32, FLOAT16] = [1, 6, 10];

beforeAll(() => loadBackend('cpu'));

/** Weights as after training: none at the zero or identity that it started from. */
function trainedWeights(): HostArrays {
  const random = Random.seeded(3);
  const first = Object.entries(initRecognizer(EXAMPLE_CONFIG, random));
  return Object.fromEntries(first.map(([name, { shape }]) => [name, normalArray(random, shape, 0.3)]));
}

/** `x w`, of which the last axis has as many numbers as columns of `w`. */
const product = ({ x, w }: Given): tf.Tensor3D => tf.reshape(tf.matMul(tf.reshape(x, [-1, 4]), w), [-1, x.shape[1], 6]);

const graphOf = (bytes: Uint8Array): protocol.onnx.GraphProto =>
  protocol.onnx.ModelProto.decode(bytes).graph as protocol.onnx.GraphProto; // as it was encoded

describe('a model in half precision', () => {
  const weights = trainedWeights();

  test.each(cellsOf(EXAMPLE_CONFIG).map((cell) => [cell.name, cell] as const))(
    '%s computes to a hundredth what it computes in tfjs, from fewer bytes',
    async (_name, cell) => {
      const [single, half] = [
        await exportCell(cell, weights),
        await exportCell(cell, weights, { precision: 'float16' }),
      ];
      expect(half.worstDifference).toBeGreaterThan(single.worstDifference);
      expect(half.worstDifference).toBeLessThan(1e-2);
      expect(half.graph.length).toBeLessThan(single.graph.length);
    },
  );

  test.each(cellsOf(EXAMPLE_CONFIG).map((cell) => [cell.name, cell] as const))(
    '%s takes and gives what it does in single precision, states among them',
    async (_name, cell) => {
      const portsOf = (bytes: Uint8Array) => {
        const { input, output } = graphOf(bytes);
        return [...input, ...output].map(({ name, type }) => [name, type?.tensorType?.elemType]);
      };
      const ports = portsOf(await traceCell(cell, weights, 'float16'));
      expect(ports).toEqual(portsOf(await traceCell(cell, weights)));
      for (const [name, type] of ports) expect([FLOAT32, INT32], `${name}`).toContain(type);
    },
  );
});

test('products with weights are computed in half precision, of weights that are stored in it', async () => {
  const { initializer, node } = graphOf(
    await traceCell(
      cellOf(['B', 'T', 6], (given) => tf.tanh(product(given))),
      WEIGHTS,
      'float16',
    ),
  );
  const halves = initializer.filter(({ dataType }) => dataType === FLOAT16).map(({ name }) => name);
  const matMul = node.find(({ opType }) => opType === 'MatMul');
  expect(halves).toEqual(['w.half']);
  expect(matMul?.input?.[1]).toBe('w.half');
  // What goes in is cast before and what comes out after: nothing else is.
  expect(node.map(({ opType }) => opType).filter((operator) => operator === 'Cast')).toHaveLength(2);
  expect(node.at(-1)).toMatchObject({ opType: 'Identity', output: ['result'] });
});

test('what is chosen by a comparison is chosen as in single precision, where half precision would make ties', async () => {
  // Columns of the weights that differ by less than half precision tells apart: of six scores one is the largest.
  const data = Float32Array.from({ length: 24 }, (_, index) => 0.5 + (index % 6) * 1e-5);
  const cell = cellOf(['B', 'T', 6], (given) => {
    const scores = product({ ...given, x: tf.abs(given.x) });
    return tf.cast(tf.greaterEqual(scores, tf.max(scores, -1, true)), 'float32');
  });
  const graph = await traceCell(cell, { w: { shape: [4, 6], data } }, 'float16');
  await using executor = await createOnnxExecutor(new Map([['cell', graph]]));
  const x = { shape: [1, 50, 4], data: Float32Array.from({ length: 200 }, (_, index) => 1 + Math.sin(index)) };
  const y = { shape: [1, 1, 4], data: new Float32Array(4) };
  const ids = { shape: [1, 50], data: new Int32Array(50) };
  const { result } = await executor.run('cell', { x, y, ids });
  expect([...result!.data]).toEqual(Array.from({ length: 50 }, () => [0, 0, 0, 0, 0, 1]).flat());
});

test('constants that half precision does not hold keep what they are joined to in single precision', async () => {
  for (const constant of [-1e9, 1e-9]) {
    const cell = cellOf(['B', 'T', 6], (given) => tf.add(product(given), tf.scalar(constant)));
    const { initializer } = graphOf(await traceCell(cell, WEIGHTS, 'float16'));
    const scalars = initializer.filter(({ dims, dataType }) => dims?.length === 0 && dataType === FLOAT32);
    expect(scalars).toHaveLength(1);
  }
});

test('a model that half precision cannot hold is refused', async () => {
  const w = { shape: [4, 6], data: new Float32Array(24).fill(60_000) };
  const exporting = exportCell(cellOf(['B', 'T', 6], product), { w }, { precision: 'float16' });
  await expect(exporting).rejects.toMatchObject({
    code: 'export/disagrees',
    message: expect.stringMatching(
      /^Expected output `result` of the graph of `cell` to agree with tfjs to 0\.01, got/,
    ) as string,
  });
});
