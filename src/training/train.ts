/**
 * The training loop: one update a batch, a JSONL log, validation, the best checkpoint kept, and a state on disk from
 * which a run that was killed at any time goes on to the same losses.
 */
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { type GradientSource, gradientsHere, meanOf, uploadWeights } from './gradients.ts';
import { initOptimizer, updateWeights, warmupCosine } from './optimizer.ts';
import { batchesPerUpdate, type TrainingSchedule } from './recipe.ts';
import { loadRunState, type RunState, saveRunState } from './run-state.ts';
import type { Task } from './task.ts';

export type TrainOptions = TrainingSchedule & {
  /**
   * Folder of the run: `log.jsonl`, `run-state.safetensors` and the best checkpoint. Without one nothing is written, and a
   * run that is stopped is lost.
   */
  readonly directory?: string;
  /** Called after every update, for a progress bar. */ readonly onStep?: (record: StepRecord) => void;
  readonly onValidation?: (record: ValidationRecord) => void;
  readonly signal?: AbortSignal;
};

/** Training options with the source of gradients; default this thread. */
type GradientOptions<Batch> = TrainOptions & { readonly gradients?: GradientSource<Batch> };

/** What the loop needs of a task; one without `validate` counts its newest weights as the best. */
type Trainable<Batch> = Omit<Task<Batch>, 'validate' | 'save'> & Partial<Pick<Task<Batch>, 'validate' | 'save'>>;

/** Where a run ended. */
export type Trained = RunState & {
  /** Averaged over the updates, as they are validated and shipped: those after the last update. */ readonly weights: HostArrays;
};

export type StepRecord = {
  readonly step: number;
  readonly loss: number;
  readonly parts: Readonly<Record<string, number>>;
  readonly norm: number;
  readonly learningRate: number;
};

type Figures = { readonly error: number; readonly loss?: number };

export type ValidationRecord = { readonly step: number; readonly validation: { readonly error: number } };

/**
 * Trains `task` on tfjs's current backend until `steps` updates are done, going on from the state in `directory` where there
 * is one.
 *
 * Throws the signal's reason where `signal` aborts (after saving the run's state), and `training/gradient` where a loss
 * is no longer finite.
 *
 * @example
 * ```ts
 * import * as tf from '@tensorflow/tfjs';
 * import { Random, type Weights } from 'hearken/attention';
 * import { loadBackend, train } from 'hearken/training';
 *
 * await loadBackend('cpu'); // without a name the fastest that there is
 * // y = 3 x + 1, from points of it.
 * const task = {
 *   initialWeights: () => ({ line: { shape: [2], data: new Float32Array(2) } }),
 *   batches: async (shard: number) => [Array.from({ length: 32 }, () => Random.seeded(shard).normal())],
 *   loss: ({ line }: Weights, batch: readonly number[]) => {
 *     const [slope, offset] = tf.split(line, 2);
 *     const x = tf.tensor1d([...batch]);
 *     const total = tf.mean<tf.Scalar>(tf.squaredDifference(tf.add(tf.mul(x, slope), offset), tf.add(tf.mul(x, 3), 1)));
 *     return { total, parts: {} };
 *   },
 * };
 * const schedule = { seed: 1, steps: 400, learningRate: 0.1, warmup: 10, validateEvery: 400 };
 * const { weights } = await train(task, { ...schedule, optimizer: { weightDecay: 0 } });
 * console.log([...weights.line.data].map((value) => value.toFixed(1)).join(' '));
 * // => 3.0 1.0
 * ```
 */
export async function train<Batch>(task: Trainable<Batch>, options: GradientOptions<Batch>): Promise<Trained> {
  const { directory, steps, validateEvery, signal } = options;
  const count = batchesPerUpdate(options);
  let state = (await loadRun(directory)) ?? freshRun(task);
  while (state.optimizer.step < steps) {
    const batches = await task.batches(state.shard);
    if (batches.length === 0) {
      throw new HearkenError('training/shard', `Expected batches in shard ${state.shard}, got none`);
    }
    for (let index = state.batch; index < batches.length && state.optimizer.step < steps; index += count) {
      if (signal?.aborted) {
        await saveRun(directory, { ...state, batch: index });
        signal.throwIfAborted();
      }
      const record = await updateOnce(task, state, batches.slice(index, index + count), options);
      state = movedOn(state, record.step, state.shard, index + count);
      options.onStep?.(record);
      await appendLog(directory, record);
      const isLast = state.optimizer.step === steps;
      if (state.optimizer.step % validateEvery === 0 || isLast) state = await validateRun(task, state, options);
      if (state.optimizer.step % validateEvery === 0 || isLast) await saveRun(directory, state);
    }
    if (state.batch >= batches.length) state = movedOn(state, state.optimizer.step, state.shard + 1, 0);
  }
  return { ...state, weights: state.optimizer.average };
}

/** The state of the run in `directory` to go on from, if there is one; the folder is made. */
async function loadRun(directory: string | undefined): Promise<RunState | undefined> {
  if (directory === undefined) return undefined;
  await mkdir(directory, { recursive: true });
  const state = await loadRunState(directory);
  await truncateLog(directory, state?.optimizer.step ?? 0);
  return state;
}

async function saveRun(directory: string | undefined, state: RunState): Promise<void> {
  if (directory !== undefined) await saveRunState(directory, state);
}

function movedOn(state: RunState, step: number, shard: number, batch: number): RunState {
  return { ...state, optimizer: { ...state.optimizer, step }, shard, batch };
}

function freshRun<Batch>(task: Trainable<Batch>): RunState {
  return { optimizer: initOptimizer(task.initialWeights()), shard: 0, batch: 0, bestError: Number.POSITIVE_INFINITY };
}

async function updateOnce<Batch>(
  task: Trainable<Batch>,
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

async function validateRun<Batch>(task: Trainable<Batch>, state: RunState, options: TrainOptions): Promise<RunState> {
  const { step, average } = state.optimizer;
  const validation = await validated(task, average);
  const record = { step, validation };
  options.onValidation?.(record);
  await appendLog(options.directory, record);
  const { error, loss = error } = validation;
  const figure = options.chooseBy === 'loss' ? loss : error;
  if (figure > state.bestError) return state;
  if (options.directory !== undefined) {
    await task.save?.(options.directory, average, {
      steps: step,
      seed: options.seed,
      learningRate: options.learningRate,
      validation,
    });
  }
  return { ...state, bestError: figure };
}

async function validated<Batch>(task: Trainable<Batch>, average: HostArrays): Promise<Figures> {
  const tensors = uploadWeights(average);
  try {
    return (await task.validate?.(tensors)) ?? { error: 0 };
  } finally {
    tf.dispose(Object.values(tensors));
  }
}

const LOG_FILE = 'log.jsonl';

async function appendLog(directory: string | undefined, record: unknown): Promise<void> {
  if (directory === undefined) return;
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
