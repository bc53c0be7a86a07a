import * as tf from '@tensorflow/tfjs';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { traceCell } from '../../src/export/trace-cell.ts';
import type { Cell } from '../../src/cell/cell.ts';
import { weight } from '../../src/cell/cell.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import type { HostArray, HostArrays } from '../../src/tensor/host-array.ts';

/** `sums = x kernel + table[ids]`, and a running total as state. */
const ACCUMULATE: Cell = {
  name: 'accumulate',
  inputs: {
    x: { shape: ['B', 3], dtype: 'float32' },
    ids: { shape: ['B'], dtype: 'int32' },
    'state.total': { shape: ['B', 2], dtype: 'float32' },
  },
  outputs: { sums: { shape: ['B', 2], dtype: 'float32' }, 'state.total': { shape: ['B', 2], dtype: 'float32' } },
  run: (weights, inputs) => {
    const rows = tf.gather(weight(weights, 'table'), weight(inputs, 'ids'));
    const sums = tf.add(tf.matMul(weight(inputs, 'x'), weight(weights, 'kernel')), rows);
    return { sums, 'state.total': tf.add(weight(inputs, 'state.total'), sums) };
  },
};
const WEIGHTS: HostArrays = {
  kernel: { shape: [3, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  table: { shape: [2, 2], data: Float32Array.of(0, 0, 100, 200) },
};

const floats = (shape: number[], ...values: number[]): HostArray => ({ shape, data: Float32Array.from(values) });
const ids = (...values: number[]): HostArray => ({ shape: [values.length], data: Int32Array.from(values) });

let graph: Uint8Array;
const executors: Record<string, () => Promise<Executor>> = {
  onnx: () => createOnnxExecutor(new Map([['accumulate', graph]])),
  tfjs: async () => createTfjsExecutor([ACCUMULATE], WEIGHTS),
};

beforeAll(async () => {
  await loadBackend('cpu');
  graph = await traceCell(ACCUMULATE, WEIGHTS);
});

describe.each(['onnx', 'tfjs'])('an executor (%s)', (kind) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await (executors[kind] ?? (() => Promise.reject(new Error(kind))))();
  });
  afterAll(() => executor[Symbol.asyncDispose]());

  test('runs a cell by name and gives its outputs and states under their names', async () => {
    const inputs = { x: floats([2, 3], 1, 0, 0, 0, 1, 1), ids: ids(0, 1), 'state.total': floats([2, 2], 1, 1, 1, 1) };
    expect(await executor.run('accumulate', inputs)).toEqual({
      sums: floats([2, 2], 1, 2, 108, 210),
      'state.total': floats([2, 2], 2, 3, 109, 211),
    });
  });

  test('keeps calls apart that run at once', async () => {
    const calls = Array.from({ length: 40 }, async (_, index) => {
      const rows = 1 + (index % 5);
      const x = floats([rows, 3], ...Array.from({ length: 3 * rows }, (_each, at) => (at % 3 === 0 ? index : 0)));
      const zeros = floats([rows, 2], ...Array.from({ length: 2 * rows }, () => 0));
      const { sums } = await executor.run('accumulate', {
        x,
        ids: ids(...Array.from({ length: rows }, () => 0)),
        'state.total': zeros,
      });
      return sums;
    });
    for (const [index, sums] of (await Promise.all(calls)).entries()) {
      const rows = 1 + (index % 5);
      expect(sums).toEqual(floats([rows, 2], ...Array.from({ length: 2 * rows }, (_, at) => (1 + (at % 2)) * index)));
    }
  });

  test('does not change its inputs', async () => {
    const inputs = { x: floats([1, 3], 1, 2, 3), ids: ids(1), 'state.total': floats([1, 2], 4, 5) };
    const before = structuredClone(inputs);
    await executor.run('accumulate', inputs);
    expect(inputs).toEqual(before);
  });

  test.each<[string, HostArrays, string]>([
    [
      'is missing',
      { x: floats([1, 3], 0, 0, 0), ids: ids(0) },
      'Expected input `state.total` of cell `accumulate` of shape [1, 2], got none',
    ],
    [
      'is unknown',
      { x: floats([1, 3], 0, 0, 0), ids: ids(0), 'state.total': floats([1, 2], 0, 0), y: ids(0) },
      'Expected input `y` of cell `accumulate` to be absent, got a tensor',
    ],
    [
      'has another fixed size',
      { x: floats([1, 4], 0, 0, 0, 0), ids: ids(0), 'state.total': floats([1, 2], 0, 0) },
      'Expected input `x` of cell `accumulate` of shape [B, 3], got [1, 4]',
    ],
    [
      'has another batch than the input before it',
      { x: floats([1, 3], 0, 0, 0), ids: ids(0, 1), 'state.total': floats([1, 2], 0, 0) },
      'Expected input `ids` of cell `accumulate` of shape [1], got [2]',
    ],
    [
      'is of another type',
      { x: floats([1, 3], 0, 0, 0), ids: floats([1], 0), 'state.total': floats([1, 2], 0, 0) },
      'Expected input `ids` of cell `accumulate` of type int32, got float32',
    ],
    [
      'holds fewer elements than its shape says',
      { x: floats([1, 3], 0, 0), ids: ids(0), 'state.total': floats([1, 2], 0, 0) },
      'Expected input `x` of cell `accumulate` of shape [1, 3] to have 3 elements, got 2',
    ],
  ])('names an input that %s', async (_, inputs, message) => {
    await expect(executor.run('accumulate', inputs)).rejects.toMatchObject({ code: 'executor/input', message });
  });

  test('names the cells it knows when asked for another', async () => {
    await expect(executor.run('listen', {})).rejects.toMatchObject({
      code: 'executor/unknown-cell',
      message: 'Expected `cell` in accumulate, got listen',
    });
  });
});

test('a tfjs executor gives back every tensor, also those of calls that failed', async () => {
  const before = tf.memory().numTensors;
  const executor = createTfjsExecutor([ACCUMULATE], WEIGHTS);
  const inputs = { x: floats([1, 3], 1, 2, 3), ids: ids(1), 'state.total': floats([1, 2], 4, 5) };
  const held = tf.memory().numTensors;
  for (let call = 0; call < 20; call++) await executor.run('accumulate', inputs);
  await expect(executor.run('accumulate', {})).rejects.toThrow('Expected input `x`');
  expect(tf.memory().numTensors).toBe(held);
  await executor[Symbol.asyncDispose]();
  expect(tf.memory().numTensors).toBe(before);
});

describe('an onnx executor', () => {
  test('reads the cells of a folder', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'hearken-graphs-'));
    await writeFile(path.join(folder, 'accumulate.onnx'), graph);
    await using executor = await createOnnxExecutor(folder);
    const inputs = { x: floats([1, 3], 1, 0, 0), ids: ids(0), 'state.total': floats([1, 2], 0, 0) };
    expect((await executor.run('accumulate', inputs))['sums']).toEqual(floats([1, 2], 1, 2));
    await expect(executor.run('listen', inputs)).rejects.toMatchObject({
      code: 'executor/graph',
      message: `Expected the graph of cell \`listen\` at ${path.join(folder, 'listen.onnx')}, got no such file`,
    });
    await rm(folder, { recursive: true });
  });

  test('refuses a folder that is not there', async () => {
    await expect(createOnnxExecutor('/no/such/folder')).rejects.toMatchObject({ code: 'executor/graph' });
  });

  test('refuses damaged graphs, each time they are asked for', async () => {
    const inputs = { x: floats([1, 3], 1, 0, 0), ids: ids(0), 'state.total': floats([1, 2], 0, 0) };
    const damaged = [
      new Uint8Array(),
      graph.subarray(0, graph.length - 7),
      graph.toReversed(),
      new Uint8Array(100).fill(7),
    ];
    for (const bytes of damaged) {
      await using executor = await createOnnxExecutor(new Map([['accumulate', bytes]]));
      for (let attempt = 0; attempt < 2; attempt++) {
        await expect(executor.run('accumulate', inputs)).rejects.toMatchObject({
          code: 'executor/graph',
          message: expect.stringMatching(/^Expected the graph of cell `accumulate` to load, got: ./u),
        });
      }
    }
  });

  const provider = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so';
  test.skipIf(existsSync(path.join(packageRoot(), provider)))(
    'refuses a device that this machine does not have',
    async () => {
      await using executor = await createOnnxExecutor(new Map([['accumulate', graph]]), { device: 'cuda' });
      const inputs = { x: floats([1, 3], 1, 0, 0), ids: ids(0), 'state.total': floats([1, 2], 0, 0) };
      await expect(executor.run('accumulate', inputs)).rejects.toMatchObject({ code: 'executor/device' });
    },
  );

  test('finishes what runs before it closes', async () => {
    const executor = await createOnnxExecutor(new Map([['accumulate', graph]]));
    const inputs = { x: floats([1, 3], 1, 0, 0), ids: ids(0), 'state.total': floats([1, 2], 0, 0) };
    await executor.run('accumulate', inputs);
    const running = executor.run('accumulate', inputs);
    await Promise.resolve(); // lets the call begin
    await executor[Symbol.asyncDispose]();
    expect((await running)['sums']).toEqual(floats([1, 2], 1, 2));
  });

  test('refuses to run once closed', async () => {
    const executor = await createOnnxExecutor(new Map([['accumulate', graph]]));
    await executor[Symbol.asyncDispose]();
    await executor[Symbol.asyncDispose]();
    await expect(executor.run('accumulate', {})).rejects.toMatchObject({ code: 'executor/closed' });
  });
});
