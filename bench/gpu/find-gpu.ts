import { cudaAdapter, describeAdapter, webGpuAdapter } from '../../src/backend/adapters.ts';
import { PROBE_GRAPH } from '../../src/backend/devices.ts';
import type { OnnxDevice } from '../../src/cell/onnx-device.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';

/** The first GPU that onnxruntime computes on, CUDA before WebGPU; notes say why not. */
export async function findGpu(): Promise<{
  device: Exclude<OnnxDevice, 'cpu'> | undefined;
  adapter: string;
  notes: string[];
}> {
  const notes: string[] = [];
  for (const device of ['cuda', 'webgpu'] as const) {
    const found = await (device === 'cuda' ? cudaAdapter() : webGpuAdapter());
    try {
      await probe(device);
      const adapter = 'adapter' in found ? describeAdapter(found.adapter) : `not named: ${found.missing}`;
      return { device, adapter, notes };
    } catch (error) {
      notes.push(`no GPU by ${device}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { device: undefined, adapter: '', notes };
}

/** Throws where `device` computes nothing. */
async function probe(device: OnnxDevice): Promise<void> {
  await using executor = await createOnnxExecutor(new Map([['probe', Buffer.from(PROBE_GRAPH, 'base64')]]), { device });
  await executor.run('probe', { x: { shape: [1, 2], data: Float32Array.of(1, 1) } });
}
