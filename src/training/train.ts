/**
 * The training loop: one update a batch, a JSONL log, validation, the best checkpoint kept, and a state on disk from
 * which a run that was killed at any time goes on to the same losses.
 */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { type GradientSource, gradientsHere, meanOf, uploadWeights } from './gradients.ts';
import { initOptimizer, updateWeights, warmupCosine } from './optimizer.ts';
import { batchesPerUpdate, type TrainingSchedule } from './recipe.ts';
import { loadRunState, type RunState, saveRunState } from './run-state.ts';
import type { Task } from './task.ts';

export type TrainOptions = TrainingSchedule & {
  /** Folder of the run: `log.jsonl`, `run-state.safetensors` and the best checkpoint. */ readonly directory: string;
  /** Called after every update, for a progress bar. */ readonly onStep?: (record: StepRecord) => void;
  readonly onValidation?: (record: ValidationRecord) => void;
  readonly signal?: AbortSignal;
};

/** Training options with the source of gradients; default this thread. */
type GradientOptions<Batch> = TrainOptions & { readonly gradients?: GradientSource<Batch> };

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
export async function train<Batch>(task: Task<Batch>, options: GradientOptions<Batch>): Promise<RunState> {
  const { directory, steps, validateEvery, signal } = options;
  const count = batchesPerUpdate(options);
  await mkdir(directory, { recursive: true });
  let state = (await loadRunState(directory)) ?? freshRun(task);
  await truncateLog(directory, state.optimizer.step);
  while (state.optimizer.step < steps) {
    const batches = await task.batches(state.shard);
    if (batches.length === 0) {
      throw new HearkenError('training/shard', `Expected batches in shard ${state.shard}, got none`);
    }
    for (let index = state.batch; index < batches.length && state.optimizer.step < steps; index += count) {
      if (signal?.aborted) {
        await saveRunState(directory, { ...state, batch: index });
        signal.throwIfAborted();
      }
      const record = await updateOnce(task, state, batches.slice(index, index + count), options);
      state = movedOn(state, record.step, state.shard, index + count);
      options.onStep?.(record);
      await appendLog(directory, record);
      const isLast = state.optimizer.step === steps;
      if (state.optimizer.step % validateEvery === 0 || isLast) state = await validateRun(task, state, options);
      if (state.optimizer.step % validateEvery === 0 || isLast) await saveRunState(directory, state);
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
  batches: readonly Batch[],
  options: GradientOptions<Batch>,
): Promise<StepRecord> {
  const { step, weights } = state.optimizer;
  const { learningRate: peak, warmup, steps, seed, optimizer, gradients: source = gradientsHere(task.loss) } = options;
  const learningRate = warmupCosine(step, { peak, warmup, steps });
  const { loss, parts, gradients } = meanOf(await source(weights, batches, { seed, step }));
  const { norm } = updateWeights(state.optimizer, gradients, learningRate, optimizer);
  return { step: step + 1, loss, parts, norm, learningRate };
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
