import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { drawInputs } from '../../src/cell/draw-inputs.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { Random } from '../../src/tensor/random.ts';
import { missingPrograms, skipNote } from '../installed.ts';
import { graphsFolder } from '../../bench/gpu/exported-models.ts';
import { gpuNote, hasSoftwareGpu } from './software-gpu.ts';
import { useWatchedDriver, type WatchedDriver } from './watched-driver.ts';

const missing = missingPrograms('gcc');
const CELL = 'seek';

/** Bytes of queries `[16, 10, 64]`. */
const LARGEST_INPUT = 4 * 16 * 10 * 64;

describe.skipIf(!hasSoftwareGpu || missing.length > 0)(`memory of a GPU${gpuNote}${skipNote(missing)}`, () => {
  let folder: string;
  let driver: WatchedDriver;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hearken-device-memory-'));
    driver = await useWatchedDriver(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('is flat over 500 batches of ever-changing sizes', async () => {
    await using executor = await createOnnxExecutor(graphsFolder('mqar'), { device: 'webgpu' });
    const random = Random.seeded(2);
    const specs = await executor.inputs(CELL);
    const held: number[] = [];
    for (let batch = 0; batch < 510; batch++) {
      // Each size comes once in ten batches.
      await executor.run(CELL, drawInputs(specs, { B: 16, Q: 1 + (batch % 10) }, random));
      held.push(await driver.deviceBytes());
    }
    expect(held[9]).toBeGreaterThan(0);
    // onnxruntime keeps buffers to use them again: one more at most, where a leak would be five hundred.
    expect(held.at(-1)! - held[9]!).toBeLessThan(LARGEST_INPUT);
  });
});
