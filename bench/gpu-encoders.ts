/**
 * Which kinds of encoder a GPU computes wholly, and which operators of the others fall back to the processor. Of each kind, with two layers of 128 units: the
 * operators of the cell `encode` by where they are computed, the copies between GPU and processor inside of a call, and the time of a call beside
 * that on the processor. Without a GPU it says so and ends.
 *
 * `--kinds gru,convolution` for some of them.
 */
import { loadBackend } from '../src/backend/backends.ts';
import { drawInputs } from '../src/cell/draw-inputs.ts';
import type { Executor } from '../src/cell/executor.ts';
import type { OnnxDevice } from '../src/cell/onnx-device.ts';
import { createOnnxExecutor } from '../src/cell/onnx-executor.ts';
import { placementOf } from '../src/cell/placement.ts';
import { type EncoderConfig, isCausal } from '../src/encoder/config.ts';
import { traceCell } from '../src/export/trace-cell.ts';
import { cellsOf } from '../src/model/cells.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { initModel } from '../src/model/forward.ts';
import type { HostArrays } from '../src/tensor/host-array.ts';
import { Random } from '../src/tensor/random.ts';
import { findGpu } from './gpu/find-gpu.ts';
import { differenceOf } from './gpu/parity.ts';

export const OPTIONS: readonly string[] = ['kinds'];

const [TOKENS, EMBEDDING, UNITS, LAYERS, HEADS] = [64, 64, 128, 2, 4];

/** Streams, and vectors of each, of a call. */
const SIZES = { B: 8, T: 12 };
const ROUNDS = 5;

/** Encoders by the name of their row. */
const ENCODERS: Readonly<Record<string, EncoderConfig>> = {
  none: { kind: 'none' },
  pair: { kind: 'pair', units: UNITS },
  convolution: { kind: 'convolution', units: UNITS, layers: LAYERS, kernel: 3 },
  dilated: { kind: 'dilated', units: UNITS, kernel: 2, dilations: [1, 2] },
  'self-attention': { kind: 'self-attention', units: UNITS, layers: LAYERS, heads: HEADS, window: 32 },
  'self-attention, both ways': {
    kind: 'self-attention',
    units: UNITS,
    layers: LAYERS,
    heads: HEADS,
    direction: 'both',
  },
  rnn: { kind: 'rnn', units: UNITS, layers: LAYERS },
  gru: { kind: 'gru', units: UNITS, layers: LAYERS },
  'gru, both ways': { kind: 'gru', units: UNITS, layers: LAYERS, direction: 'both' },
  lstm: { kind: 'lstm', units: UNITS, layers: LAYERS },
  'lstm, both ways': { kind: 'lstm', units: UNITS, layers: LAYERS, direction: 'both' },
  delta: { kind: 'delta', units: UNITS, layers: LAYERS, heads: HEADS, keyDepth: 16 },
  surprise: { kind: 'surprise', units: UNITS, heads: HEADS, kept: 32 },
  stacked: {
    kind: 'stacked',
    below: { kind: 'convolution', units: UNITS, layers: 1, kernel: 3 },
    above: { kind: 'lstm', units: UNITS, layers: 1 },
  },
};

type Row = {
  readonly encoder: string;
  /** Operators that the GPU computes. */ readonly onGpu: number;
  /** Operators that fall back though they compute with data, by name and count; sizes and positions are not among them. */
  readonly fallBack: string;
  /** Copies between GPU and processor inside of a call. */ readonly copies: number;
  /** Milliseconds of a call, the fastest of five. */ readonly gpuMs: number;
  readonly processorMs: number;
  /** `gpuMs` to `processorMs`. */ readonly ratio: number;
  /** The largest difference of an output from the processor's, of the largest number in it. */ readonly worst: number;
};

export default async function benchGpuEncoders({ kinds }: Readonly<Record<string, string>>): Promise<{
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
}> {
  const chosen = kinds?.split(',') ?? Object.keys(ENCODERS);
  const unknown = chosen.find((kind) => ENCODERS[kind] === undefined);
  if (unknown !== undefined)
    throw new Error(`Expected kinds among ${Object.keys(ENCODERS).join(', ')}, got ${unknown}`);
  const { device, adapter, notes } = await findGpu();
  if (device === undefined) return { rows: [], notes };
  await loadBackend('cpu');
  const rows: Row[] = [];
  for (const kind of chosen) rows.push(await measure(kind, ENCODERS[kind]!, device)); // known, as asked above
  return {
    rows,
    notes: [
      `${device}: ${adapter}`,
      `${LAYERS} layers of ${UNITS} units, a call of ${SIZES.T} vectors of ${SIZES.B} streams; the processor is one thread of onnxruntime.`,
      'fallBack: operators that compute with data on the processor; sizes and positions are computed there always.',
    ],
  };
}

async function measure(encoder: string, config: EncoderConfig, device: Exclude<OnnxDevice, 'cpu'>): Promise<Row> {
  const model = modelOf(config);
  const [encode] = cellsOf(model);
  const graphs = new Map([['encode', await traceCell(encode!, initModel(model, Random.seeded(1)))]]); // every model has one
  const [placement] = await placementOf(graphs, device);
  const { onDevice, onHost, copies } = placement!; // of the one graph
  await using onGpu = await createOnnxExecutor(graphs, { device });
  await using onProcessor = await createOnnxExecutor(graphs);
  const inputs = drawInputs(await onProcessor.inputs('encode'), SIZES, Random.seeded(2));
  const [got, expected] = [await onGpu.run('encode', inputs), await onProcessor.run('encode', inputs)];
  const [gpuMs, processorMs] = [await fastestMs(onGpu, inputs), await fastestMs(onProcessor, inputs)];
  return {
    encoder,
    onGpu: onDevice,
    fallBack:
      onHost
        .filter(({ isFallback }) => isFallback)
        .map(({ operator, count }) => `${operator} ${count}`)
        .join(', ') || 'none',
    copies,
    gpuMs,
    processorMs,
    ratio: gpuMs / processorMs,
    worst: differenceOf(expected, got),
  };
}

/** Tokens, `encoder`, and as little as there can be behind it. */
function modelOf(encoder: EncoderConfig): ModelConfig {
  return {
    format: 'hearken',
    version: 2,
    name: 'bench-gpu-encoders',
    source: { kind: 'tokens', symbols: { unit: 'id', count: TOKENS }, embedding: EMBEDDING },
    encoder,
    memory: { kind: 'last' },
    heads: isCausal(encoder) ? { answers: { labelCount: TOKENS } } : { classifier: { labels: ['even', 'odd'] } },
  };
}

async function fastestMs(executor: Executor, inputs: HostArrays): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await executor.run('encode', inputs);
    fastest = Math.min(fastest, performance.now() - began);
  }
  return fastest;
}
