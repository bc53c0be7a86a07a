import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs';
import { InferenceSession } from 'onnxruntime-node';
import { expect, test } from 'vitest';

import type { Cell } from '../../src/cell/cell.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { floats } from '../../src/cell/tensor-spec.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import { tensor2 } from '../../src/cell/typed-tensors.ts';
import { initResidualMlp, residualMlp } from '../../src/encoder/residual-mlp.ts';
import { exportCell } from '../../src/export/export-cell.ts';
import { Random } from '../../src/tensor/random.ts';

const DEPTH = 8;
const CELL: Cell = {
  name: 'mlp',
  inputs: { x: floats('B', DEPTH) },
  outputs: { y: floats('B', DEPTH) },
  run: (weights, inputs) => ({ y: residualMlp(weights, 'mlp', tensor2(inputs, 'x')) }),
};
const WEIGHTS = initResidualMlp('mlp', DEPTH, 0.5, Random.seeded(1));

test('the norm and the activation of an MLP are one operation each to onnxruntime', async () => {
  await tf.setBackend('cpu');
  const { graph } = await exportCell(CELL, WEIGHTS);
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-fused-'));
  try {
    const optimizedModelFilePath = path.join(folder, 'optimized.onnx');
    await (await InferenceSession.create(graph, { optimizedModelFilePath, logSeverityLevel: 4 })).release();
    const operators = (await readFile(optimizedModelFilePath)).toString('latin1');
    expect(operators).toContain('SimplifiedLayerNormalization');
    expect(operators).toMatch(/FastGelu|BiasGelu/u);
    expect(operators).not.toContain('Tanh');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('they give what tfjs gives, of zeros and of very large and very small numbers too', async () => {
  await tf.setBackend('cpu');
  const { graph } = await exportCell(CELL, WEIGHTS);
  await using tested = await createOnnxExecutor(new Map([[CELL.name, graph]]));
  await using reference = createTfjsExecutor([CELL], WEIGHTS);
  for (const scale of [0, 1e-4, 1, 1e3]) {
    const data = Float32Array.from({ length: 3 * DEPTH }, (_, index) => scale * Math.sin(index));
    const inputs = { x: { shape: [3, DEPTH], data } };
    const [got, expected] = [await tested.run('mlp', inputs), await reference.run('mlp', inputs)];
    for (const [index, value] of (expected['y']?.data ?? []).entries()) {
      expect(Math.abs((got['y']?.data[index] ?? Number.NaN) - value)).toBeLessThan(1e-5 * Math.max(1, scale));
    }
  }
});
