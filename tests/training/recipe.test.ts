import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { defineRecipe, defineTask, concatUtterances, salientRecall } from '../../src/training/index.ts';
import { loadRecipe } from '../../src/training/load-recipe.ts';

// What callers without a compiler may write.
const wrong = (value: unknown): never => value as never;
const training = {
  seed: 1,
  steps: 10,
  learningRate: 1e-3,
  warmup: 0,
  validateEvery: 5,
  batchSize: 4,
  batchFrames: 1_000,
  ctcWeight: 0.7,
  labelSmoothing: 0,
  scheduledSampling: 0,
  dropout: 0,
  specAugment: { frequencyMasks: 0, frequencyMaskBands: 0, timeMasksPerSecond: 0, timeMaskFrames: 0 },
  shardPasses: 1,
};
const recipe = { config: {}, training, examples: () => undefined };
const memory = { depth: 4, heads: 1, window: 2, leafFanIn: 2, fanIn: 2, slots: 1, tokenCountBias: false };
const recall = {
  memory,
  labelCount: 4,
  batchSize: 1,
  lengths: [8],
  curriculumSteps: 1,
  seed: 1,
  validationLengths: [8],
  validationCount: 1,
};

describe('a recipe', () => {
  test.each<[what: string, recipe: object, code: string, says: string]>([
    ['a field of another name', { ...recipe, exemples: 1 }, 'option/unknown-name', 'did you mean examples?'],
    ['no examples', { ...recipe, examples: undefined }, 'option/missing', '`examples`'],
    [
      'a misspelt rate',
      { ...recipe, training: { ...training, learningrate: 1 } },
      'option/unknown-name',
      'learningRate?',
    ],
    ['no steps', { ...recipe, training: { ...training, steps: undefined } }, 'option/missing', '`steps`'],
    ['steps as text', { ...recipe, training: { ...training, steps: '10' } }, 'option/type', "got '10'"],
    ['a dropout of 1', { ...recipe, training: { ...training, dropout: 1 } }, 'option/out-of-range', '`dropout`'],
    [
      'an optimizer of its own',
      { ...recipe, training: { ...training, optimizer: { beta3: 0.9 } } },
      'option/unknown-name',
      'beta1',
    ],
    [
      'masks without a width',
      { ...recipe, training: { ...training, specAugment: { frequencyMasks: 1 } } },
      'option/missing',
      '`frequencyMaskBands`',
    ],
  ])('with %s is refused as it is defined', (_, faulty, code, says) => {
    expect(() => defineRecipe(wrong(faulty))).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(says) }),
    );
  });

  test('that is as it should be is given back', () => {
    expect(defineRecipe(wrong(recipe))).toBe(recipe);
  });

  test('that was not defined by defineRecipe is looked at as it is loaded, and its file named', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'hearken-recipe-')), 'recipe.js');
    const faulty = { config: {}, training: { ...training, stepps: 7 }, examples: 0 };
    await writeFile(path, `export default { ...${JSON.stringify(faulty)}, examples: () => {} };`);
    await expect(loadRecipe(path)).rejects.toMatchObject({
      code: 'recipe/invalid',
      message: expect.stringMatching(/did you mean steps\? \(.*recipe\.js\)$/),
    });
  });
});

test('a task is refused without what the loop asks of it, or with a schedule that is none', () => {
  const schedule = { seed: 1, steps: 1, learningRate: 1, warmup: 0, validateEvery: 1 };
  expect(() => defineTask(wrong({ batches: () => [] }), schedule)).toThrow(
    expect.objectContaining({ code: 'option/type', message: expect.stringContaining('`task.initialWeights`') }),
  );
  expect(() => defineTask(salientRecall(recall), { ...schedule, steps: 0.5 })).toThrow(
    expect.objectContaining({ code: 'option/out-of-range' }),
  );
});

test('salientRecall and following refuse numbers that make no sense', () => {
  expect(() => salientRecall({ ...recall, lengths: [3] })).toThrow(expect.objectContaining({ code: 'option/type' }));
  expect(() => salientRecall({ ...recall, memory: { ...memory, heads: 3 } })).toThrow(
    expect.objectContaining({ code: 'option/out-of-range' }),
  );
  const example = { samples: new Float32Array(1), labels: [], warp: 1 };
  expect(() => concatUtterances(example, example, -1)).toThrow(
    expect.objectContaining({ code: 'option/out-of-range' }),
  );
});
