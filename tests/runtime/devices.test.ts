import { expect, test } from 'vitest';

import { listDevices } from '../../src/runtime/devices.ts';

test('lists every executor and backend once, and says why one that does not work does not', async () => {
  const devices = await listDevices();
  expect(devices.map(({ use, name }) => `${use} ${name}`)).toEqual([
    'streaming onnx-cpu',
    'streaming onnx-webgpu',
    'streaming onnx-cuda',
    'streaming tfjs',
    'training native',
    'training tfjs-node-gpu',
    'training webgpu',
    'training wasm',
    'training cpu',
  ]);
  for (const { problem } of devices) expect(problem).not.toBe('');
  const working = devices.filter(({ problem }) => problem === undefined).map(({ name }) => name);
  expect(working).toEqual(expect.arrayContaining(['onnx-cpu', 'tfjs', 'wasm', 'cpu']));
});
