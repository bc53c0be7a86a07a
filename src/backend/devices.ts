/** What this machine can compute with, each tried rather than guessed: for `hearken devices`. */
import { createOnnxExecutor } from '../cell/onnx-executor.ts';
import type { OnnxDevice } from '../cell/onnx-device.ts';
import { type Placement, placementOf } from '../cell/placement.ts';
import { type Adapter, cudaAdapter, type FoundAdapter, webGpuAdapter } from './adapters.ts';
import { BACKEND_SOURCES, type BackendSource, loadBackendFrom, releaseBackend } from './backends.ts';
import { createFastestExecutor } from './fastest-executor.ts';

export type Device = {
  /** `training`: a tfjs backend; `streaming`: an executor of exported cells. */
  readonly use: 'training' | 'streaming';
  /** Name of the device, as in reports and options, for example `tensorflow` or `onnx-cpu`. */
  readonly name: string;
  /** Description of the device, for people. */ readonly description: string;
  /** Why the device cannot be used; `undefined` where it loads and computes what it should. */
  readonly problem: string | undefined;
  /** The GPU that it computes on; absent where it is none, or nobody tells. */ readonly adapter?: Adapter;
  /** Where the operators of each cell are computed on a GPU; absent where it is none or cannot be used. */
  readonly placements?: readonly Placement[];
};

const BACKEND_DESCRIPTIONS: Readonly<Record<BackendSource, string>> = {
  native: 'native TensorFlow built by `npm run setup:native`',
  'tfjs-node-gpu': 'native TensorFlow of the optional package @tensorflow/tfjs-node-gpu',
  webgpu: 'WebGPU of the optional packages webgpu and @tensorflow/tfjs-backend-webgpu',
  wasm: 'WebAssembly, one thread',
  cpu: 'plain JavaScript',
};

const ONNX_DESCRIPTIONS: Readonly<Record<OnnxDevice, string>> = {
  cpu: 'onnxruntime',
  webgpu: 'onnxruntime on WebGPU',
  cuda: 'onnxruntime on CUDA',
};

/** `y = x [[1, 2], [3, 4]]` as `OnnxGraph` writes it: what writes graphs is for training, and need not be installed. */
export const PROBE_GRAPH: string =
  'CAgSB2hlYXJrZW46eQoTCgF4CgJ2MBICdjEiBk1hdE11bAoRCgJ2MRIBeSIISWRlbnRpdHkSBXByb2JlKhwKAgICEAFCAnYwShAAAIA/AAAAQAAAQEAAAIBAWhQK' +
  'AXgSDwoNCAESCQoDEgFCCgIIAmIUCgF5Eg8KDQgBEgkKAxIBQgoCCAJCBAoAEBE=';

/**
 * Tries every backend and executor, best first of each use, those of a GPU on the graphs in the folder `graphs`. Leaves the last working tfjs
 * backend set.
 */
export async function listDevices(graphs: string): Promise<Device[]> {
  const adapters = { webgpu: await webGpuAdapter(), cuda: await cudaAdapter() };
  const executors: Device[] = [await executorDevice('cpu', undefined, graphs)];
  for (const device of ['webgpu', 'cuda'] as const) {
    executors.push(await executorDevice(device, adapters[device], graphs));
  }
  const backends = await listBackends(adapters);
  const works = backends.some(({ problem }) => problem === undefined);
  const problem = works ? undefined : 'no tfjs backend works';
  const description = 'tfjs on any backend below: the reference';
  const tfjs: Device = { use: 'streaming', name: 'tfjs', description, problem };
  return [await automatic(graphs), ...executors, tfjs, ...backends];
}

/** What `auto` takes for one stream of the model. */
async function automatic(graphs: string): Promise<Device> {
  await using executor = await createFastestExecutor(graphs, { streams: 1 });
  const description = `${executor.name} for one stream (${executor.reason})`;
  return { use: 'streaming', name: 'auto', description, problem: undefined };
}

async function executorDevice(device: OnnxDevice, found: FoundAdapter | undefined, graphs: string): Promise<Device> {
  const problem = await problemOf(() => tryOnnx(device));
  const placements = device === 'cpu' || problem !== undefined ? undefined : await placementOf(graphs, device);
  const description = ONNX_DESCRIPTIONS[device];
  return {
    use: 'streaming',
    name: `onnx-${device}`,
    description,
    problem,
    ...(found !== undefined && 'adapter' in found && { adapter: found.adapter }),
    ...(placements !== undefined && { placements }),
  };
}

async function listBackends({ webgpu }: { readonly webgpu: FoundAdapter }): Promise<Device[]> {
  const backends: Device[] = [];
  for (const source of BACKEND_SOURCES) {
    const native = backends.find(({ name }) => name === 'native');
    const isSecondTensorFlow = source === 'tfjs-node-gpu' && native !== undefined && native.problem === undefined;
    const problem = isSecondTensorFlow
      ? 'not tried: a process can load one TensorFlow, and the native build works'
      : await problemOf(() => loadBackendFrom(source));
    const adapter = source === 'webgpu' && 'adapter' in webgpu ? { adapter: webgpu.adapter } : {};
    backends.push({ use: 'training', name: source, description: BACKEND_DESCRIPTIONS[source], problem, ...adapter });
  }
  releaseBackend();
  return backends;
}

async function problemOf(attempt: () => Promise<void>): Promise<string | undefined> {
  try {
    await attempt();
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n', 1)[0] ?? error.name) : String(error);
  }
}

/** `[1, 1] [[1, 2], [3, 4]] = [4, 6]`, exact on any device. */
async function tryOnnx(device: OnnxDevice): Promise<void> {
  await using executor = await createOnnxExecutor(new Map([['probe', Buffer.from(PROBE_GRAPH, 'base64')]]), { device });
  const { y } = await executor.run('probe', { x: { shape: [1, 2], data: Float32Array.of(1, 1) } });
  if (y?.data.join() !== '4,6') throw new Error(`Expected [4,6] of a product, got [${y?.data.join()}]`);
}
