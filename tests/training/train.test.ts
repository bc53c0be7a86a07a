import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';

import { normalArray, Random } from '../../src/tensor/random.ts';
import type { Task } from '../../src/training/task.ts';
import { train, type TrainOptions } from '../../src/training/train.ts';

/** Least squares with noise drawn from the step's random numbers: every source of change that a run has. */
const regression: Task<Float32Array> = {
  initialWeights: () => ({
    w: normalArray(Random.seeded(1), [4, 1], 1),
    unused: { shape: [2], data: new Float32Array(2) },
  }),
  batches: async (index) =>
    [0, 1, 2].map((batch) => normalArray(Random.seeded(10 * index + batch + 1), [8, 4], 1).data as Float32Array),
  loss: ({ w }, batch, { random }) => {
    const x = tf.tensor2d(batch, [8, 4]);
    const truth = tf.add(tf.sum(x, 1, true), 0.1 * random.normal());
    const total = tf.mean<tf.Scalar>(tf.squaredDifference(tf.matMul(x, w as tf.Tensor2D), truth));
    return { total, parts: { squared: total } };
  },
  validate: async ({ w }) => {
    const distance = tf.tidy(() => tf.sum(tf.square(tf.sub(w as tf.Tensor, 1))));
    const [error = Number.NaN] = await distance.data();
    distance.dispose();
    return { error };
  },
  save: async () => undefined,
};

type RunOptions = TrainOptions & { readonly directory: string };

const options = async (extra: Partial<RunOptions> = {}): Promise<RunOptions> => ({
  directory: await mkdtemp(join(tmpdir(), 'hearken-train-')),
  steps: 20,
  learningRate: 0.1,
  warmup: 2,
  seed: 3,
  validateEvery: 5,
  ...extra,
});

const losses = async (directory: string): Promise<number[]> =>
  (await readFile(join(directory, 'log.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { loss?: number })
    .flatMap(({ loss }) => (loss === undefined ? [] : [loss]));

describe('train', () => {
  test('without a folder gives the weights that it gives with one, and needs no validation', async () => {
    await tf.setBackend('cpu');
    const { directory, ...rest } = await options();
    const { weights } = await train(regression, { ...rest, directory });
    const { validate: _validate, save: _save, ...bare } = regression;
    const alone = await train(bare, rest);
    expect(alone.weights).toEqual(weights);
    expect(alone.weights).not.toEqual(regression.initialWeights());
  });

  test('learns, and logs every step once', async () => {
    await tf.setBackend('cpu');
    const run = await options();
    const state = await train(regression, run);
    const logged = await losses(run.directory);
    expect(logged).toHaveLength(20);
    expect(logged.at(-1)).toBeLessThan((logged[0] ?? 0) / 4);
    expect(state.optimizer.step).toBe(20);
  });

  test('keeps the weights of the least error, and of equally good ones those that were trained longest', async () => {
    await tf.setBackend('cpu');
    const errors = [0.5, 0.25, 0.25, 0.5];
    const saved: number[] = [];
    const task: Task<Float32Array> = {
      ...regression,
      validate: async () => ({ error: errors.shift() ?? Number.NaN }),
      save: async (_, __, { steps }) => void saved.push(Number(steps)),
    };
    await train(task, await options());
    expect(saved).toEqual([5, 10, 15]);
  });

  test('keeps the weights of the least loss where it is told to choose by it', async () => {
    await tf.setBackend('cpu');
    const figures = [3, 1, 2, 1.5];
    const saved: number[] = [];
    const task: Task<Float32Array> = {
      ...regression,
      validate: async () => ({ error: 1 - figures.length / 10, loss: figures.shift() ?? Number.NaN }),
      save: async (_, __, { steps }) => void saved.push(Number(steps)),
    };
    await train(task, { ...(await options()), chooseBy: 'loss' });
    expect(saved).toEqual([5, 10]);
  });

  test('updates with the mean gradient of several batches, and counts a shard of three as two updates of two', async () => {
    await tf.setBackend('cpu');
    const seen: number[] = [];
    const run = await options({ batchesPerUpdate: 2, steps: 4 });
    const state = await train(regression, {
      ...run,
      gradients: async (weights, batches, { step }) => {
        seen.push(batches.length);
        const shape = weights['w']?.shape ?? [];
        return batches.map((_, index) => ({
          loss: step + index,
          parts: {},
          gradients: {
            w: { shape, data: new Float32Array(4).fill(index === 0 ? 1 : -1) },
            unused: { shape: [2], data: new Float32Array(2) },
          },
        }));
      },
    });
    expect(seen).toEqual([2, 1, 2, 1]);
    expect(await losses(run.directory)).toEqual([0.5, 1, 2.5, 3]);
    expect(state.shard).toBe(2);
  });

  test('goes on to the same losses after it was killed between two saved states', async () => {
    await tf.setBackend('cpu');
    const whole = await options();
    const expected = await train(regression, whole);
    const cut = await options({ validateEvery: 4 });
    const kill = new Error('killed');
    const dying = train(regression, {
      ...cut,
      onStep: ({ step }) => {
        if (step === 11) throw kill; // seven steps are logged past the last saved state but one
      },
    });
    await expect(dying).rejects.toBe(kill);
    const resumed = await train(regression, cut);
    expect(await losses(cut.directory)).toEqual(await losses(whole.directory));
    expect(resumed.optimizer.weights).toEqual(expected.optimizer.weights);
    expect(resumed.optimizer.average).toEqual(expected.optimizer.average);
  });

  test('saves its state and rejects with the reason when aborted', async () => {
    const controller = new AbortController();
    const run = await options({ signal: controller.signal });
    const dying = train(regression, {
      ...run,
      onStep: ({ step }) => {
        if (step === 7) controller.abort(new Error('enough'));
      },
    });
    await expect(dying).rejects.toThrow('enough');
    const { signal: _, ...again } = run;
    const steps: number[] = [];
    await train(regression, { ...again, onStep: ({ step }) => steps.push(step) });
    expect(steps[0]).toBe(8);
  });

  test('leaves no tensor behind', async () => {
    await tf.setBackend('cpu');
    await train(regression, await options({ steps: 2 }));
    const before = tf.memory().numTensors;
    await train(regression, await options({ steps: 12 }));
    expect(tf.memory().numTensors).toBe(before);
  });
});
