import { readdirSync } from 'node:fs';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { drawInputs } from '../../src/cell/draw-inputs.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { placementOf } from '../../src/cell/placement.ts';
import { Random } from '../../src/tensor/random.ts';
import { exportedModels, graphsFolder } from '../../bench/gpu/exported-models.ts';
import { differenceOf } from '../../bench/gpu/parity.ts';
import { gpuNote, hasSoftwareGpu } from './software-gpu.ts';

/** Largest difference between CPU and GPU, of the largest number in the output. */
const TOLERANCE = 1e-3;

/** Sizes of a cell's axes beside the batch: steps, queries, entries of the memory. */
const SIZES = { T: 2, Q: 2, E: 5 };

describe.skipIf(!hasSoftwareGpu).each(exportedModels())(`%s on a GPU${gpuNote}`, (model) => {
  let [cpu, gpu]: Executor[] = [];
  beforeAll(async () => {
    cpu = await createOnnxExecutor(graphsFolder(model));
    gpu = await createOnnxExecutor(graphsFolder(model), { device: 'webgpu' });
  });
  afterAll(async () => {
    await cpu?.[Symbol.asyncDispose]();
    await gpu?.[Symbol.asyncDispose]();
  });

  const cells = readdirSync(graphsFolder(model)).map((file) => path.basename(file, '.onnx'));
  test.each(cells)('%s gives what it gives on the CPU, for 1, 8 and 64 streams', async (cell) => {
    const random = Random.seeded(7);
    for (const B of [1, 8, 64]) {
      const inputs = drawInputs(await cpu!.inputs(cell), { ...SIZES, B }, random);
      const worst = differenceOf(await cpu!.run(cell, inputs), await gpu!.run(cell, inputs));
      expect(worst, `${B} streams`).toBeLessThan(TOLERANCE);
    }
  });

  test('computes everything there but sizes and positions, which alone are copied inside of a cell', async () => {
    const placements = await placementOf(graphsFolder(model), 'webgpu');
    expect(placements.map(({ cell }) => cell)).toEqual(cells);
    for (const { cell, onDevice, onHost, copies } of placements) {
      expect(onDevice, cell).toBeGreaterThan(0);
      expect(copies, cell).toBeLessThanOrEqual(3); // masks are made of positions
      for (const { operator, isFallback } of onHost) expect(isFallback, `${operator} of ${cell}`).toBe(false);
    }
  });
});
