/** The tfjs backend to train on, by the device that was asked for. */
import { HearkenError } from '../errors.ts';
import { assertRealGpu, cudaAdapter, describeAdapter, webGpuAdapter } from './adapters.ts';
import { type BackendSource, loadBackendFrom, type SkippedBackend } from './backends.ts';

/** `auto`: the first that works of native TensorFlow (on a card where its build has CUDA), a real GPU by WebGPU, and the processor. */
export type TrainingDevice = 'auto' | 'cpu' | 'webgpu' | 'cuda';

const SOURCES: Readonly<Record<TrainingDevice, readonly BackendSource[]>> = {
  auto: ['native', 'tfjs-node-gpu', 'webgpu', 'wasm', 'cpu'],
  cpu: ['native', 'wasm', 'cpu'],
  webgpu: ['webgpu'],
  cuda: ['native', 'tfjs-node-gpu'],
};

export type LoadedTrainingDevice = {
  readonly source: BackendSource;
  /** What it computes on, for people. */ readonly on: string;
  /** Backends that were tried before, and why they were not taken. */ readonly skipped: readonly SkippedBackend[];
};

/**
 * Loads, tests and activates a tfjs backend that computes on `device`. Throws `training/not-installed`, and `backend/unavailable` with the
 * reasons where there is none.
 */
export async function loadTrainingDevice(device: TrainingDevice): Promise<LoadedTrainingDevice> {
  if (device === 'cpu') process.env['CUDA_VISIBLE_DEVICES'] = '-1'; // read by libtensorflow once, when it is loaded
  const skipped: SkippedBackend[] = [];
  for (const source of SOURCES[device]) {
    try {
      if (device === 'auto' && source === 'webgpu') await assertRealGpu();
      await loadBackendFrom(source);
      const isOnCard = await usesCuda();
      if (device === 'cuda' && !isOnCard) throw new HearkenError('backend/missing', await whyNoCard(source));
      return { source, on: await placeOf(source, isOnCard), skipped };
    } catch (error) {
      if (!(error instanceof Error) || isMissingStack(error)) throw error;
      skipped.push({ name: source, reason: error.message.split('\n', 1)[0] ?? '' });
    }
  }
  const reasons = skipped.map(({ name, reason }) => `${name}: ${reason}`).join('; ');
  throw new HearkenError('backend/unavailable', `Expected device \`${device}\` to train on, got ${reasons}`);
}

function isMissingStack(error: Error): boolean {
  return error instanceof HearkenError && error.code === 'training/not-installed';
}

/** Whether native TensorFlow is the backend and computes on a card. */
async function usesCuda(): Promise<boolean> {
  const tf = await import('@tensorflow/tfjs');
  return (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true; // of tfjs-node's backend alone
}

async function whyNoCard(source: BackendSource): Promise<string> {
  const found = await cudaAdapter();
  if ('missing' in found) return `computes on the processor: ${found.missing}`;
  const build = source === 'native' ? ', which a build by `npm run setup:native -- --cuda` would' : '';
  return `computes on the processor and does not see ${describeAdapter(found.adapter)}${build}`;
}

async function placeOf(source: BackendSource, isOnCard: boolean): Promise<string> {
  if (!isOnCard && source !== 'webgpu') return 'the processor';
  const found = await (isOnCard ? cudaAdapter() : webGpuAdapter());
  return 'adapter' in found ? describeAdapter(found.adapter) : 'a GPU';
}
