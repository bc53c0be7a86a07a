import { setImmediate } from 'node:timers/promises';

import * as tf from '@tensorflow/tfjs';
import { InferenceSession } from 'onnxruntime-node';
import { beforeAll, expect, test, vi } from 'vitest';

import { traceCell } from '../../src/export/trace-cell.ts';
import type { Cell } from '../../src/cell/cell.ts';
import { weight } from '../../src/cell/cell.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';

const DEPTH = 64;
const MEGABYTE = 2 ** 20;
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

/** What is still there after `calls` runs on inputs of ever-changing sizes: arrays that went in or came out, bytes. */
type Held = { readonly arrays: number; readonly bytes: number };

async function heldAfter(executor: Executor, calls: number): Promise<Held> {
  const arrays: WeakRef<object>[] = [];
  for (let call = 0; call < calls; call++) {
    const shape = [1 + (call % 3), 1 + (call % 17), DEPTH] as const;
    const data = new Float32Array(shape[0] * shape[1] * DEPTH).fill(call % 7);
    const { y } = await executor.run('cell', { x: { shape, data } });
    for (const array of [data, y?.data]) if (array !== undefined) arrays.push(new WeakRef(array));
  }
  expect(arrays).toHaveLength(2 * calls);
  const seen: Held[] = [];
  // Buffers are freed in the background after a collection, so the least of several measurements is taken.
  for (let round = 0; round < 10; round++) {
    await setImmediate(); // what a weak reference was asked for stays until then
    globalThis.gc?.();
    const { heapUsed, arrayBuffers, external } = process.memoryUsage();
    const left = arrays.filter((array) => array.deref() !== undefined).length;
    seen.push({ arrays: left, bytes: heapUsed + Math.max(arrayBuffers, external) });
  }
  return { arrays: Math.min(...seen.map((each) => each.arrays)), bytes: Math.min(...seen.map((each) => each.bytes)) };
}

/** One array that is left behind in a call is 4.6 KB. */
function expectFlat(before: Held, after: Held): void {
  expect(after.arrays).toBeLessThan(10); // of thousands: those of the last calls
  expect(after.bytes - before.bytes).toBeLessThan(MEGABYTE);
}

beforeAll(() => loadBackend('cpu'));

test('nothing that went into thousands of calls to onnxruntime, or came out of them, is held', async () => {
  await using executor = await createOnnxExecutor(new Map([['cell', await traceCell(CELL, WEIGHTS)]]));
  const before = await heldAfter(executor, 1_000); // until the heap has taken the size that it keeps
  expectFlat(before, await heldAfter(executor, 5_000));
});

test('no tensor, and nothing that went into thousands of calls to tfjs or came out of them, is held', async () => {
  await using executor = createTfjsExecutor([CELL], WEIGHTS);
  const before = await heldAfter(executor, 500);
  const tensors = tf.memory().numTensors;
  const after = await heldAfter(executor, 2_500);
  expect(tf.memory().numTensors).toBe(tensors);
  expectFlat(before, after);
});

test('sessions of onnxruntime are released when their executor is disposed, each once', async () => {
  const create = vi.spyOn(InferenceSession, 'create');
  const graph = await traceCell(CELL, WEIGHTS);
  const names = ['first', 'second', 'third'];
  const executor = await createOnnxExecutor(new Map([...names, 'never'].map((name) => [name, graph])));
  const x = { shape: [1, 1, DEPTH], data: new Float32Array(DEPTH) };
  for (const name of [...names, ...names]) await executor.run(name, { x });
  const sessions = await Promise.all(create.mock.results.map(({ value }) => value as Promise<InferenceSession>)); // what it gives
  const released = sessions.map((session) => vi.spyOn(session, 'release'));
  expect(sessions).toHaveLength(names.length);
  await executor[Symbol.asyncDispose]();
  expect(released.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 1]);
});
