/**
 * The tfjs backends a model can be trained on, best first: native TensorFlow (CUDA, else CPU), WebGPU, WebAssembly,
 * plain JavaScript. Each is tested on a matrix product and two gradients before it is trusted.
 *
 * tfjs is imported on demand only: processes that never train must not pay for it, and need not have it installed.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import util from 'node:util';

import { HearkenError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import { assertRealGpu } from './adapters.ts';
import { assertTrainingStack } from '../training-stack.ts';

export type BackendName = 'tensorflow' | 'webgpu' | 'wasm' | 'cpu';

/** Something that can provide a tfjs backend; two of them provide `tensorflow`. */
export type BackendSource = 'native' | 'tfjs-node-gpu' | 'webgpu' | 'wasm' | 'cpu';

export type SkippedBackend = { readonly name: BackendSource; readonly reason: string };

export type LoadedBackend = {
  readonly name: BackendName;
  readonly source: BackendSource;
  /** Backends that were tried before, and why they were not taken. */
  readonly skipped: readonly SkippedBackend[];
};

type Candidate = {
  readonly source: BackendSource;
  readonly backend: BackendName;
  /** Makes tfjs know the backend; throws with the reason where it cannot be had. */
  readonly register: () => Promise<void>;
};

const CANDIDATES: readonly Candidate[] = [
  { source: 'native', backend: 'tensorflow', register: registerNative },
  { source: 'tfjs-node-gpu', backend: 'tensorflow', register: registerTfjsNodeGpu },
  { source: 'webgpu', backend: 'webgpu', register: registerWebGpu },
  { source: 'wasm', backend: 'wasm', register: registerWasm },
  { source: 'cpu', backend: 'cpu', register: registerCpu },
];

/** Every source of a backend in order of preference. */
export const BACKEND_SOURCES: readonly BackendSource[] = CANDIDATES.map(({ source }) => source);

/**
 * Loads, tests and activates the best backend present, or `preference` only; a software GPU only where it is preferred.
 * Throws `training/not-installed`; `backend/unavailable` with the reasons where none (or not the preferred one) works.
 */
export async function loadBackend(preference?: BackendName): Promise<LoadedBackend> {
  assertTrainingStack();
  const skipped: SkippedBackend[] = [];
  for (const { source, backend } of CANDIDATES) {
    if (preference !== undefined && backend !== preference) continue;
    try {
      if (preference === undefined && source === 'webgpu') await assertRealGpu();
      await loadBackendFrom(source);
      return { name: backend, source, skipped };
    } catch (error) {
      skipped.push({ name: source, reason: firstLine(error) });
    }
  }
  const reasons = skipped.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new HearkenError('backend/unavailable', `Expected backend \`${preference ?? 'any'}\` to load, got ${reasons}`);
}

/** Loads, tests and activates the backend that `source` provides; throws the reason where it does not work. */
export async function loadBackendFrom(source: BackendSource): Promise<void> {
  const candidate = CANDIDATES.find((each) => each.source === source);
  if (candidate === undefined) {
    throw new HearkenError('backend/unknown', `Expected \`source\` in ${BACKEND_SOURCES.join(', ')}, got ${source}`);
  }
  assertTrainingStack();
  await candidate.register();
  const tf = await import('@tensorflow/tfjs');
  if (!(await tf.setBackend(candidate.backend))) {
    throw new HearkenError(
      'backend/unavailable',
      `Expected backend \`${candidate.backend}\` to initialise, got a refusal`,
    );
  }
  await tf.ready();
  await selfTest();
}

async function registerNative(): Promise<void> {
  const module = path.join(packageRoot(), '.native', 'node_modules', '@tensorflow', 'tfjs-node');
  if (!existsSync(path.join(module, 'lib', 'napi-v8', 'tfjs_binding.node'))) {
    throw new HearkenError('backend/missing', 'not built; `npm run setup:native` builds it in a checkout of hearken');
  }
  await requireNode(module);
}

async function registerTfjsNodeGpu(): Promise<void> {
  await requireNode('@tensorflow/tfjs-node-gpu');
}

async function requireNode(module: string): Promise<void> {
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'; // read by libtensorflow once, when it is loaded
  restoreRemovedUtil();
  await import('@tensorflow/tfjs');
  createRequire(import.meta.url)(module);
}

/** tfjs-node 4.22.0 calls three functions that Node 23 removed from `util`. */
function restoreRemovedUtil(): void {
  const removed: Record<string, (value: unknown) => boolean> = {
    isNullOrUndefined: (value) => value === null || value === undefined,
    isUndefined: (value) => value === undefined,
    isArray: (value) => Array.isArray(value),
  };
  for (const [name, test] of Object.entries(removed)) {
    if (!(name in util)) Object.defineProperty(util, name, { value: test, configurable: true });
  }
}

async function registerWasm(): Promise<void> {
  await import('@tensorflow/tfjs-backend-wasm');
  const { registerWasmSegmentSum } = await import('./wasm-kernels.ts');
  registerWasmSegmentSum();
}

async function registerCpu(): Promise<void> {
  const tf = await import('@tensorflow/tfjs');
  tf.enableProdMode(); // silences the advertisement for tfjs-node at its first use, and nothing else
  await import('@tensorflow/tfjs-backend-cpu');
}

type WebGpuPackage = {
  create(options: readonly string[]): { requestAdapter(): Promise<object | null> };
  readonly globals: object;
};

/** Kept for the life of the process: Dawn frees its devices with the last reference. */
let gpu: { requestAdapter(): Promise<object | null> } | undefined;

async function registerWebGpu(): Promise<void> {
  const webgpu = (await importOptional('webgpu')) as WebGpuPackage; // its documented entry
  Object.assign(globalThis, webgpu.globals);
  gpu ??= webgpu.create([]);
  if ((await gpu.requestAdapter()) === null) {
    gpu = undefined;
    throw new HearkenError('backend/missing', 'no WebGPU adapter (a Vulkan, Metal or Direct3D driver is needed)');
  }
  offerGpu(gpu);
  await import('@tensorflow/tfjs');
  await importOptional('@tensorflow/tfjs-backend-webgpu'); // registers itself only where `navigator.gpu` stands
}

/** Lets go of the WebGPU device, which otherwise keeps the process alive. */
export function releaseBackend(): void {
  if (gpu === undefined) return;
  offerGpu(undefined);
  gpu = undefined;
}

/** Sets or removes `navigator.gpu`, where tfjs looks for WebGPU; Node 20 has no `navigator` at all. */
function offerGpu(value: object | undefined): void {
  let navigator = Reflect.get(globalThis, 'navigator') as object | undefined; // typed in browsers only
  if (navigator === undefined) {
    navigator = {};
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  }
  if (value === undefined) Reflect.deleteProperty(navigator, 'gpu');
  else Object.defineProperty(navigator, 'gpu', { value, configurable: true });
}

async function importOptional(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
    const reason = missing ? 'is not installed' : `does not load: ${firstLine(error)}`;
    throw new HearkenError('backend/missing', `npm package \`${name}\` ${reason}`, { cause: error });
  }
}

/** A matrix product, the gradient of a softmax and the gradient of a gather, against numbers worked out by hand. */
async function selfTest(): Promise<void> {
  const tf = await import('@tensorflow/tfjs');
  const results = tf.tidy(() => {
    const square = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const product = tf.matMul(square, square, false, true);
    const weighted = (logits: import('@tensorflow/tfjs').Tensor) =>
      tf.sum(
        tf.mul(tf.softmax(logits), [
          [1, 0],
          [0, 1],
        ]),
      );
    const softmax = tf.grad(weighted)(tf.zeros([2, 2]));
    const rows = tf.tensor1d([1, 1, 0], 'int32');
    const gather = tf.grad((table) => tf.sum(tf.mul(tf.gather(table, rows), 2)))(square);
    return { product, softmax, gather };
  });
  const expected = { product: [5, 11, 11, 25], softmax: [0.25, -0.25, -0.25, 0.25], gather: [2, 2, 4, 4] };
  try {
    for (const [name, tensor] of Object.entries(results)) {
      const got = [...(await tensor.data())];
      const wanted = expected[name as keyof typeof expected]; // both records have the same three keys
      if (got.some((value, index) => !(Math.abs(value - (wanted[index] ?? Number.NaN)) < 1e-4))) {
        throw new HearkenError('backend/self-test', `Expected ${name} of the self-test [${wanted}], got [${got}]`);
      }
    }
  } finally {
    tf.dispose(results);
  }
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? '';
}
