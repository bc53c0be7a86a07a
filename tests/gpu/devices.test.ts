import { beforeAll, describe, expect, test } from 'vitest';

import { assertRealGpu } from '../../src/backend/adapters.ts';
import { type Device, listDevices } from '../../src/backend/devices.ts';
import { createFastestExecutor } from '../../src/backend/fastest-executor.ts';
import { loadTrainingDevice } from '../../src/backend/training-device.ts';
import { missingPrograms, skipNote } from '../installed.ts';
import { graphsFolder } from '../../bench/gpu/exported-models.ts';
import { gpuNote, hasSoftwareGpu } from './software-gpu.ts';

describe.skipIf(!hasSoftwareGpu)(`a machine with a software GPU${gpuNote}`, () => {
  let devices: readonly Device[] = [];
  beforeAll(async () => {
    devices = await listDevices(graphsFolder('recall-tokens'));
  });

  test('can compute on it, and is told where each operator of a model is computed', () => {
    const webgpu = devices.find(({ name }) => name === 'onnx-webgpu');
    expect(webgpu?.problem).toBeUndefined();
    expect(webgpu?.placements?.map(({ cell }) => cell)).toEqual([
      'associate',
      'encode',
      'read',
      'summarizeInner',
      'summarizeLeaf',
    ]);
  });

  test('computes on the processor where it may choose', async () => {
    await using executor = await createFastestExecutor(graphsFolder('recall-tokens'), { streams: 64 });
    expect(executor.name).toBe('onnx-cpu');
    expect(executor.reason).toMatch(/^cuda: .*; webgpu: /);
  });

  test('is not trained on unless it is asked for by name', async () => {
    await expect(assertRealGpu()).rejects.toMatchObject({
      code: 'backend/missing',
      message: expect.stringContaining('is no GPU but software') as string,
    });
    await expect(loadTrainingDevice('auto')).resolves.toMatchObject({ on: 'the processor' });
  });

  const missing = missingPrograms('vulkaninfo');
  test.skipIf(missing.length > 0)(`is told that it is software${skipNote(missing)}`, async () => {
    const adapter = { name: 'SwiftShader Device (Subzero)', kind: 'software', memoryBytes: 2 ** 31 };
    expect(devices.find(({ name }) => name === 'onnx-webgpu')).toMatchObject({ adapter });
    await using executor = await createFastestExecutor(graphsFolder('recall-tokens'), { streams: 64 });
    expect(executor.reason).toMatch(/webgpu: SwiftShader Device \(Subzero\) \(software.*is no GPU but software$/);
  });
});
