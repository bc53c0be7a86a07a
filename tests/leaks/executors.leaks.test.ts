import * as tf from '@tensorflow/tfjs';
import { beforeAll, expect, test } from 'vitest';

import { traceCell } from '../../src/export/trace-cell.ts';
import type { Cell } from '../../src/model/cell.ts';
import { weight } from '../../src/model/weight.ts';
import { loadBackend } from '../../src/runtime/backends.ts';
import type { Executor } from '../../src/runtime/executor.ts';
import { createOnnxExecutor } from '../../src/runtime/onnx-executor.ts';
import { createTfjsExecutor } from '../../src/runtime/tfjs-executor.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';

const DEPTH = 64;
const CELL: Cell = {
  name: 'cell',
  inputs: { x: { shape: ['B', 'T', DEPTH], dtype: 'float32' } },
  outputs: { y: { shape: ['B', 'T', DEPTH], dtype: 'float32' } },
  run: (weights, inputs) => {
    const x = weight(inputs, 'x');
    return { y: tf.tanh(tf.matMul(x, tf.expandDims(weight(weights, 'kernel'), 0))) };
  },
};
const WEIGHTS: HostArrays = { kernel: { shape: [DEPTH, DEPTH], data: new Float32Array(DEPTH * DEPTH).fill(0.01) } };

/** Resident memory in MB after `calls` runs on inputs of ever-changing sizes. */
async function residentAfter(executor: Executor, calls: number): Promise<number> {
  for (let call = 0; call < calls; call++) {
    const shape = [1 + (call % 3), 1 + (call % 17), DEPTH] as const;
    const data = new Float32Array(shape[0] * shape[1] * DEPTH).fill(call % 7);
    await executor.run('cell', { x: { shape, data } });
  }
  globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
}

beforeAll(() => loadBackend('cpu'));

test('memory stays flat over thousands of calls to onnxruntime', async () => {
  await using executor = await createOnnxExecutor(new Map([['cell', await traceCell(CELL, WEIGHTS)]]));
  const before = await residentAfter(executor, 10_000); // until the heap has taken the size that it keeps
  const after = await residentAfter(executor, 10_000);
  expect(after).toBeLessThan(before + 16); // a leak of one input a call would be about 70 MB
});

test('tensors and memory stay flat over thousands of calls to tfjs', async () => {
  await using executor = createTfjsExecutor([CELL], WEIGHTS);
  const before = await residentAfter(executor, 500);
  const tensors = tf.memory().numTensors;
  const after = await residentAfter(executor, 2_500);
  expect(tf.memory().numTensors).toBe(tensors);
  expect(after).toBeLessThan(before + 16);
});
