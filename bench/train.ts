/**
 * A training step (forward, gradients, AdamW, averaged weights) of one model here and in PyTorch, on one thread of the processor: an LSTM or GRU encoder,
 * a hierarchical memory of its vectors and an answer read at the end. Both start from the same weights and see the same batches; their losses
 * are compared step by step, so that they are known to compute the same.
 *
 * PyTorch runs in the Python of `HEARKEN_BENCH_PYTHON` (default `python3`), where it must be installed.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { loadBackend } from '../src/backend/backends.ts';
import type { MemoryConfig } from '../src/memory/config.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { initModel } from '../src/model/forward.ts';
import type { HostArrays } from '../src/tensor/host-array.ts';
import { Random } from '../src/tensor/random.ts';
import { gradientsAt } from '../src/training/gradients.ts';
import { initOptimizer, type OptimizerOptions, updateWeights } from '../src/training/optimizer.ts';
import type { SequenceBatch } from '../src/training/sequence-batches.ts';
import { sequenceLoss } from '../src/training/sequence-task.ts';

const PYTHON = process.env['HEARKEN_BENCH_PYTHON'] ?? 'python3';
const THREADS = 1;
export const TOKENS = 64;
const [UNITS, BATCH, LENGTH] = [128, 16, 256];
const [WARM_UP, STEPS, BATCHES] = [3, 10, 4];
const LEARNING_RATE = 1e-3;
/** How a training step of a benchmark updates its weights. */
export const OPTIMIZER: OptimizerOptions = {
  beta1: 0.9,
  beta2: 0.98,
  weightDecay: 1e-4,
  clipNorm: 2,
  averageDecay: 0.995,
};

const MEMORY: MemoryConfig = {
  depth: UNITS,
  heads: 4,
  window: 32,
  leafFanIn: 16,
  fanIn: 4,
  slots: 4,
  tokenCountBias: true,
};
const ENCODERS = ['lstm', 'gru'] as const;
type EncoderKind = (typeof ENCODERS)[number];

/** The model whose training step is measured: a recurrent layer of 128 below a hierarchical memory, of 64 tokens. */
export function configOf(kind: EncoderKind): ModelConfig {
  return {
    format: 'hearken',
    version: 2,
    name: 'bench-train',
    source: { kind: 'tokens', symbols: { unit: 'id', count: TOKENS }, embedding: 64 },
    encoder: { kind, units: UNITS, layers: 1 },
    memory: { kind: 'hierarchical', ...MEMORY, summary: 'attention' },
    heads: { answers: { labelCount: TOKENS } },
  };
}

type Times = { readonly losses: readonly number[]; readonly cpuMs: number; readonly wallMs: number };
type Row = {
  readonly encoder: EncoderKind;
  readonly trainer: string;
  /** Processor and wall time of a step, ms, mean. */ readonly cpuMs: number;
  readonly wallMs: number;
  /** Processor time to that of PyTorch, where it was measured. */ readonly ratio: number | undefined;
  /** Largest difference of a step's loss from PyTorch's. */ readonly lossDifference?: number;
};

export default async function benchTrain(): Promise<{ rows: Row[]; notes: string[] }> {
  process.env['TF_NUM_INTRAOP_THREADS'] = process.env['TF_NUM_INTEROP_THREADS'] = String(THREADS);
  const { name, source } = await loadBackend();
  const rows: Row[] = [];
  const skipped = new Set<string>();
  for (const encoder of ENCODERS) {
    const config = configOf(encoder);
    const weights = initModel(config, Random.seeded(1));
    const batches = drawBatches();
    const peer = await trainInTorch(encoder, weights, batches);
    const ours = await trainHere(config, weights, batches);
    const trainer = `hearken, ${name} (${source})`;
    const { cpuMs, wallMs } = ours;
    if ('skipped' in peer) {
      skipped.add(`PyTorch was not measured: ${peer.skipped}`);
      rows.push({ encoder, trainer, cpuMs, wallMs, ratio: undefined });
      continue;
    }
    const gaps = ours.losses.map((loss, step) => Math.abs(loss - (peer.losses[step] ?? Number.NaN)));
    rows.push(
      { encoder, trainer, cpuMs, wallMs, ratio: cpuMs / peer.cpuMs, lossDifference: Math.max(...gaps) },
      { encoder, trainer: `PyTorch ${peer.version}`, cpuMs: peer.cpuMs, wallMs: peer.wallMs, ratio: 1 },
    );
  }
  return {
    rows,
    notes: [
      `Encoder of ${UNITS} units, memory w ${MEMORY.window}, c ${MEMORY.leafFanIn}, k ${MEMORY.fanIn}, m ${MEMORY.slots}; ${BATCH} sequences of ${LENGTH} tokens, ${THREADS} thread, float32.`,
      `lossDifference: of ${WARM_UP + STEPS} steps from equal weights over equal batches.`,
      ...skipped,
    ],
  };
}

function drawBatches(): SequenceBatch[] {
  const random = Random.seeded(2);
  const draw = (): number => random.integer(TOKENS);
  return Array.from({ length: BATCHES }, () => ({
    inputs: Int32Array.from({ length: BATCH * LENGTH }, draw),
    lengths: new Array<number>(BATCH).fill(LENGTH),
    labels: Array.from({ length: BATCH }, draw),
    targets: [],
    numbers: [],
  }));
}

async function trainHere(config: ModelConfig, weights: HostArrays, batches: readonly SequenceBatch[]): Promise<Times> {
  const nothing = { dropout: 0, labelSmoothing: 0, scheduledSampling: 0 };
  let state = initOptimizer(weights);
  const losses: number[] = [];
  const step = async (): Promise<void> => {
    const batch = batches[state.step % batches.length]!; // there is one
    const { loss, gradients } = await gradientsAt<SequenceBatch>(
      (tensors, drawn, context) => sequenceLoss(tensors, config, nothing, drawn, context),
      state.weights,
      batch,
      { seed: 1, step: state.step, index: 0 },
    );
    losses.push(loss);
    ({ state } = updateWeights(state, gradients, LEARNING_RATE, OPTIMIZER));
  };
  for (let warmUp = 0; warmUp < WARM_UP; warmUp++) await step();
  const [startedAt, before] = [performance.now(), process.cpuUsage()];
  for (let measured = 0; measured < STEPS; measured++) await step();
  const { user, system } = process.cpuUsage(before);
  return { losses, cpuMs: (user + system) / 1_000 / STEPS, wallMs: (performance.now() - startedAt) / STEPS };
}

type Peer = (Times & { readonly version: string }) | { readonly skipped: string };

/** The same training by `train-torch.py`, or why it could not be had. */
async function trainInTorch(
  encoder: EncoderKind,
  weights: HostArrays,
  batches: readonly SequenceBatch[],
): Promise<Peer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-bench-train-'));
  try {
    await writeRequest(folder, encoder, weights, batches);
    const script = fileURLToPath(new URL('train-torch.py', import.meta.url));
    const env = { ...process.env, OMP_NUM_THREADS: String(THREADS) };
    const { stdout } = await promisify(execFile)(PYTHON, [script, folder], { env });
    return JSON.parse(stdout) as Times & { version: string }; // printed by that script
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return { skipped: said.trim().split('\n').at(-1) ?? 'python failed' };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeRequest(
  folder: string,
  encoder: EncoderKind,
  weights: HostArrays,
  batches: readonly SequenceBatch[],
): Promise<void> {
  let offset = 0;
  const places: Record<string, readonly [readonly number[], number]> = {};
  const parts: Uint8Array[] = [];
  for (const [name, { shape, data }] of Object.entries(weights)) {
    places[name] = [shape, offset];
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  const rowsOf = ({ inputs }: SequenceBatch): number[][] =>
    Array.from({ length: BATCH }, (_, row) => [...inputs.subarray(row * LENGTH, (row + 1) * LENGTH)]);
  const request = {
    threads: THREADS,
    encoder,
    units: UNITS,
    memory: MEMORY,
    weights: places,
    optimizer: OPTIMIZER,
    learningRate: LEARNING_RATE,
    batches: batches.map((batch) => [rowsOf(batch), batch.labels]),
    warmUp: WARM_UP,
    steps: STEPS,
  };
  await writeFile(path.join(folder, 'weights.bin'), Buffer.concat(parts));
  await writeFile(path.join(folder, 'request.json'), JSON.stringify(request));
}
