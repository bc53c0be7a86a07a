/** The device `auto`: a real GPU where there is one on which a batch is computed faster than on the processor, found by trying. */
import { drawInputs } from '../cell/draw-inputs.ts';
import type { Executor } from '../cell/executor.ts';
import { graphsOf } from '../cell/graph-files.ts';
import { createOnnxExecutor } from '../cell/onnx-executor.ts';
import type { OnnxDevice } from '../cell/onnx-device.ts';
import { Random } from '../tensor/random.ts';
import { cudaAdapter, describeAdapter, type FoundAdapter, webGpuAdapter } from './adapters.ts';

/** What a model is measured by. */
export type MeasuredWork = {
  /** Cells that are measured; default all for which there is a graph. */ readonly cells?: readonly string[];
  /** Streams that are computed together. */ readonly streams: number;
};

/** A GPU that may be there. */
export type GpuCandidate = {
  readonly device: Exclude<OnnxDevice, 'cpu'>;
  readonly find: () => Promise<FoundAdapter>;
  /** Makes an executor of the graphs in a folder on it. */ readonly create: (graphs: string) => Promise<Executor>;
};

const GPUS: readonly GpuCandidate[] = [
  { device: 'cuda', find: cudaAdapter, create: (graphs) => createOnnxExecutor(graphs, { device: 'cuda' }) },
  { device: 'webgpu', find: webGpuAdapter, create: (graphs) => createOnnxExecutor(graphs, { device: 'webgpu' }) },
];

/**
 * An executor of the graphs in the folder `graphs` on whatever computes them fastest; its `reason` says why. A software GPU is never taken, nor
 * one that is not known to be real. Throws as `createOnnxExecutor` on the processor does.
 */
export async function createFastestExecutor(
  graphs: string,
  { cells, streams }: MeasuredWork,
  gpus: readonly GpuCandidate[] = GPUS,
): Promise<Executor> {
  const processor = await createOnnxExecutor(graphs);
  const work = { cells: cells ?? [...(await graphsOf(graphs)).keys()], streams };
  const reasons: string[] = [];
  try {
    let onProcessorMs: number | undefined;
    for (const { device, find, create } of gpus) {
      const found = await find();
      if ('missing' in found) {
        reasons.push(`${device}: ${found.missing}`);
        continue;
      }
      const name = describeAdapter(found.adapter);
      if (found.adapter.kind === 'software') {
        reasons.push(`${device}: ${name} is no GPU but software`);
        continue;
      }
      onProcessorMs ??= await millisecondsOf(processor, work);
      const measured = await measuredOrFailed(() => create(graphs), work);
      if ('failure' in measured) {
        reasons.push(`${device}: ${name} fails: ${measured.failure}`);
        continue;
      }
      const times = `a batch of ${work.streams} takes ${shown(measured.ms)}, on the processor ${shown(onProcessorMs)}`;
      if (measured.ms < onProcessorMs) {
        await processor[Symbol.asyncDispose]();
        return { ...measured.executor, reason: `${name}: ${times}` };
      }
      await measured.executor[Symbol.asyncDispose]();
      reasons.push(`${device}: ${name}: ${times}`);
    }
  } catch (error) {
    await processor[Symbol.asyncDispose]();
    throw error;
  }
  return { ...processor, reason: reasons.join('; ') };
}

type Measured = { readonly executor: Executor; readonly ms: number } | { readonly failure: string };

async function measuredOrFailed(create: () => Promise<Executor>, work: Required<MeasuredWork>): Promise<Measured> {
  let executor: Executor | undefined;
  try {
    executor = await create();
    return { executor, ms: await millisecondsOf(executor, work) };
  } catch (error) {
    await executor?.[Symbol.asyncDispose]();
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

/** Sizes of a cell's axes, beside B: half a second of audio, a memory of an hour, as many queries. */
const SIZES = { T: 12, E: 256, Q: 12 };

/** Calls of a cell of which the fastest counts; one before them compiles what is compiled. */
const ROUNDS = 5;

/** Milliseconds of one call of each of the cells, on random inputs. */
async function millisecondsOf(executor: Executor, { cells, streams }: Required<MeasuredWork>): Promise<number> {
  const random = Random.seeded(1);
  let sum = 0;
  for (const cell of cells) {
    const inputs = drawInputs(await executor.inputs(cell), { ...SIZES, B: streams }, random);
    await executor.run(cell, inputs);
    let fastest = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const started = performance.now();
      await executor.run(cell, inputs);
      fastest = Math.min(fastest, performance.now() - started);
    }
    sum += fastest;
  }
  return sum;
}

function shown(ms: number): string {
  return `${ms.toPrecision(3)} ms`;
}
