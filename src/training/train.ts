/**
 * The training loop: one update a batch, a JSONL log, validation, the best checkpoint kept, and a state on disk from
 * which a run that was killed at any time goes on to the same losses.
 */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import type { Weights } from '../model/cell.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { Random } from '../tensor/random.ts';
import { initOptimizer, type OptimizerOptions, updateWeights, warmupCosine } from './optimizer.ts';
import { loadRunState, type RunState, saveRunState } from './run-state.ts';
import type { Loss, Task } from './task.ts';

export type TrainOptions = {
  /** Folder of the run: `log.jsonl`, `run-state.safetensors` and the best checkpoint. */ readonly directory: string;
  /** Updates in all. */ readonly steps: number;
  /** Peak learning rate. */ readonly learningRate: number;
  /** Steps of linear warm-up. */ readonly warmup: number;
  readonly seed: number;
  /** Steps between validations; a run state is saved at each. */ readonly validateEvery: number;
  /** Steps between run states saved for resuming; by default at validations only. */ readonly saveEvery?: number;
  readonly optimizer?: OptimizerOptions;
  /** Called after every update, for a progress bar. */ readonly onStep?: (record: StepRecord) => void;
  readonly onValidation?: (record: ValidationRecord) => void;
  readonly signal?: AbortSignal;
};

export type StepRecord = {
  readonly step: number;
  readonly loss: number;
  readonly parts: Readonly<Record<string, number>>;
  readonly norm: number;
  readonly learningRate: number;
};

export type ValidationRecord = { readonly step: number; readonly validation: { readonly error: number } };

/**
 * Trains `task` until `steps` updates are done, going on from the state in `directory` where there is one.
 *
 * Throws the signal's reason where `signal` aborts (after saving the run's state), and `training/gradient` where a loss
 * is no longer finite.
 */
export async function train<Batch>(task: Task<Batch>, options: TrainOptions): Promise<RunState> {
  const { directory, steps, validateEvery, saveEvery = validateEvery, signal } = options;
  await mkdir(directory, { recursive: true });
  let state = (await loadRunState(directory)) ?? freshRun(task);
  await truncateLog(directory, state.optimizer.step);
  while (state.optimizer.step < steps) {
    const batches = await task.batches(state.shard);
    if (batches.length === 0) {
      throw new HearkenError('training/shard', `Expected batches in shard ${state.shard}, got none`);
    }
    for (let index = state.batch; index < batches.length && state.optimizer.step < steps; index++) {
      if (signal?.aborted) {
        await saveRunState(directory, { ...state, batch: index });
        signal.throwIfAborted();
      }
      // `index` is below `batches.length`.
      const record = await updateOnce(task, state, batches[index] as Batch, options);
      state = movedOn(state, record.step, state.shard, index + 1);
      options.onStep?.(record);
      await appendLog(directory, record);
      const isLast = state.optimizer.step === steps;
      if (state.optimizer.step % validateEvery === 0 || isLast) state = await validateRun(task, state, options);
      if (state.optimizer.step % saveEvery === 0 || isLast) await saveRunState(directory, state);
    }
    if (state.batch >= batches.length) state = movedOn(state, state.optimizer.step, state.shard + 1, 0);
  }
  return state;
}

function movedOn(state: RunState, step: number, shard: number, batch: number): RunState {
  return { ...state, optimizer: { ...state.optimizer, step }, shard, batch };
}

function freshRun<Batch>(task: Task<Batch>): RunState {
  return { optimizer: initOptimizer(task.initialWeights()), shard: 0, batch: 0, bestError: Number.POSITIVE_INFINITY };
}

async function updateOnce<Batch>(
  task: Task<Batch>,
  state: RunState,
  batch: Batch,
  { learningRate: peak, warmup, steps, seed, optimizer }: TrainOptions,
): Promise<StepRecord> {
  const { step } = state.optimizer;
  const learningRate = warmupCosine(step, { peak, warmup, steps });
  const random = Random.seeded((seed + 1_000_003 * (step + 1)) >>> 0);
  const { loss, parts, gradients } = await gradientsOf(state.optimizer.weights, (weights) =>
    task.loss(weights, batch, { step, random }),
  );
  const { norm } = updateWeights(state.optimizer, gradients, learningRate, optimizer);
  return { step: step + 1, loss, parts, norm, learningRate };
}

/** The loss at `weights` and its gradient by every weight, read back to the host; no tensor is left behind. */
export async function gradientsOf(
  weights: HostArrays,
  lossOf: (weights: Weights) => Loss,
): Promise<{ loss: number; parts: Record<string, number>; gradients: HostArrays }> {
  const names = Object.keys(weights);
  const tensors = uploadWeights(weights);
  const parts: Record<string, tf.Scalar> = {};
  const run = (): tf.Scalar => {
    const loss = lossOf(tensors);
    for (const [name, part] of Object.entries(loss.parts)) parts[name] = tf.keep(tf.clone(part));
    return loss.total;
  };
  // `tf.valueAndGrads` refuses weights that the loss does not use, as a memory's upper levels in a short sequence.
  const { value, grads } = tf.engine().gradients(run, Object.values(tensors), undefined, true);
  try {
    const gradients: Record<string, HostArrays[string]> = {};
    for (const [index, name] of names.entries()) {
      // A weight that the loss does not use has no gradient tensor.
      const gradient = grads[index];
      const shape = weights[name]?.shape ?? [];
      const data = gradient ? await gradient.data<'float32'>() : new Float32Array(weights[name]?.data.length ?? 0);
      gradients[name] = { shape, data };
    }
    const partValues: Record<string, number> = {};
    for (const [name, part] of Object.entries(parts))
      partValues[name] = (await part.data<'float32'>())[0] ?? Number.NaN;
    return { loss: (await value.data<'float32'>())[0] ?? Number.NaN, parts: partValues, gradients };
  } finally {
    tf.dispose([value, ...grads.filter(Boolean), ...Object.values(parts), ...Object.values(tensors)]);
  }
}

/** Host arrays as tensors; the caller disposes of them. */
export function uploadWeights(weights: HostArrays): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape], 'float32')]),
  );
}

async function validateRun<Batch>(task: Task<Batch>, state: RunState, options: TrainOptions): Promise<RunState> {
  const { step, average } = state.optimizer;
  const tensors = uploadWeights(average);
  try {
    const validation = await task.validate(tensors);
    const record = { step, validation };
    options.onValidation?.(record);
    await appendLog(options.directory, record);
    if (validation.error >= state.bestError) return state;
    await task.save(options.directory, average, { steps: step, seed: options.seed, validation });
    return { ...state, bestError: validation.error };
  } finally {
    tf.dispose(Object.values(tensors));
  }
}

const LOG_FILE = 'log.jsonl';

async function appendLog(directory: string, record: unknown): Promise<void> {
  await appendFile(join(directory, LOG_FILE), `${JSON.stringify(record)}\n`);
}

/** Drops the lines of steps that a killed run had logged but not saved: they come again. */
async function truncateLog(directory: string, step: number): Promise<void> {
  const path = join(directory, LOG_FILE);
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const kept = text.split('\n').filter((line) => line !== '' && stepOf(line) <= step);
  await writeFile(path, kept.map((line) => `${line}\n`).join(''));
}

function stepOf(line: string): number {
  try {
    return (JSON.parse(line) as { step: number }).step;
  } catch {
    return Number.POSITIVE_INFINITY; // the last line of a killed run may be cut short
  }
}
