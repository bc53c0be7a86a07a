import { expect, test } from 'vitest';

import { OnnxGraph } from '../../src/export/onnx-graph.ts';
import { listDevices, PROBE_GRAPH } from '../../src/backend/devices.ts';

test('lists every executor and backend once, and says why one that does not work does not', async () => {
  const devices = await listDevices('models/recall-tokens/onnx');
  expect(devices.map(({ use, name }) => `${use} ${name}`)).toEqual([
    'streaming auto',
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

test('tries onnxruntime on the graph that the exporter writes', () => {
  const graph = new OnnxGraph();
  const matrix = graph.constant({ shape: [2, 2], type: 'float32', values: [1, 2, 3, 4] });
  const [value = ''] = graph.node('MatMul', ['x', matrix]);
  const port = { shape: ['B', 2], type: 'float32' } as const;
  const bytes = graph.encode('probe', [{ ...port, name: 'x' }], [{ ...port, name: 'y', value }]);
  expect(PROBE_GRAPH).toBe(Buffer.from(bytes).toString('base64'));
});
