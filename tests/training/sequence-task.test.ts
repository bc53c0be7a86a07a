import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import type { MemoryKindConfig } from '../../src/memory/kinds.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { tokenModel } from '../../src/model/config-migration.ts';
import { readModelCheckpoint } from '../../src/model/checkpoint.ts';
import type { HeadsConfig } from '../../src/model/heads.ts';
import { Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { gradientsOf } from '../../src/training/gradients.ts';
import { modelRecipeOf } from '../../src/training/model-recipe.ts';
import type { SequenceTraining } from '../../src/training/recipe.ts';
import { sequenceBatches } from '../../src/training/sequence-batches.ts';
import { sequenceLoss } from '../../src/training/sequence-task.ts';
import { trainRecipe } from '../../src/training/train-recipe.ts';
import { SEQUENCE_CONFIG } from '../model/sequence-config.ts';

const RECIPE = path.join(import.meta.dirname, 'sequence-recipe.ts');
const TRAINING: SequenceTraining = {
  seed: 1,
  steps: 8,
  learningRate: 0.02,
  warmup: 2,
  validateEvery: 4,
  batchSize: 4,
  labelSmoothing: 0.1,
  scheduledSampling: 0,
  dropout: 0,
};
const EXAMPLES: SequenceExample[] = ['ab', 'dcba', 'c', 'dd', 'aab'].map((input) => ({
  input,
  output: Array.from(input, (letter) => (letter === 'a' ? 'x' : 'yy')).join(' '),
  label: input.includes('a') ? 'a' : 'none',
  numbers: [input.length],
}));
const CLASSIFIER = { labels: ['a', 'none'] };

beforeAll(() => tf.setBackend('cpu'));

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'hearken-sequences-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

describe('the loss of a model of tokens', () => {
  const memory = { kind: 'full', heads: 2 } as const;
  const heads: HeadsConfig = {
    ...SEQUENCE_CONFIG.heads,
    ctc: { symbols: { unit: 'word', symbols: ['x', 'yy', 'z'] } },
    classifier: CLASSIFIER,
    regression: { outputs: 1 },
  };
  const config: ModelConfig = { ...SEQUENCE_CONFIG, memory, heads };
  const [batch] = sequenceBatches(EXAMPLES, config, { batchSize: 8 }, Random.seeded(1));
  const lossOf = (weights: Record<string, tf.Tensor>) =>
    sequenceLoss(weights, config, TRAINING, batch!, { step: 0, random: Random.seeded(2) });

  test('is the sum of its heads, each told by name', async () => {
    const recipe = modelRecipeOf({
      config,
      training: TRAINING,
      examples: () => ({ shard: () => [], validation: () => [] }),
    });
    const { total, parts } = lossOf(tensorsOf(recipe.initialWeights()));
    const each = await Promise.all(Object.values(parts).map(async (part) => (await part.data())[0] ?? 0));
    expect(Object.keys(parts)).toEqual(['ctc', 'attention', 'classifier', 'regression']);
    expect((await total.data())[0]).toBeCloseTo(
      each.reduce((sum, part) => sum + part, 0),
      4,
    );
  });

  test('has a gradient by every weight that matches finite differences', async () => {
    const recipe = modelRecipeOf({
      config,
      training: TRAINING,
      examples: () => ({ shard: () => [], validation: () => [] }),
    });
    const weights = recipe.initialWeights();
    const { gradients } = await gradientsOf(weights, lossOf);
    const at = async (name: string, place: number, by: number): Promise<number> => {
      const data = Float32Array.from(weights[name]?.data ?? []);
      data[place] = data[place]! + by;
      const { total } = lossOf(tensorsOf({ ...weights, [name]: { shape: weights[name]?.shape ?? [], data } }));
      return (await total.data())[0] ?? Number.NaN;
    };
    for (const [name, { data }] of Object.entries(gradients)) {
      const sizes = Array.from(data, Math.abs);
      const steepest = sizes.indexOf(Math.max(...sizes));
      const difference = ((await at(name, steepest, 1e-2)) - (await at(name, steepest, -1e-2))) / 2e-2;
      expect({ name, difference }).toEqual({ name, difference: expect.closeTo(data[steepest] ?? 99, 2) });
      expect({ name, steepest: Math.abs(data[steepest] ?? 0) }).toSatisfy(
        (it: { steepest: number }) => it.steepest > 0,
      );
    }
  }, 120_000);
});

describe('answers that are asked within sequences', () => {
  const memory = { depth: 8, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: false };
  const input = [0, 1, 2, 3, 2, 1, 0, 3, 3, 1, 2, 0, 1, 1, 2];
  const asked = new Map([[4, 1], [9, 0], [14, 2]]); // biome-ignore format: pairs
  const labels = input.map((_, place) => asked.get(place) ?? -1);
  const kinds: MemoryKindConfig[] = [
    { kind: 'hierarchical', ...memory, summary: 'attention' },
    { kind: 'hierarchical', ...memory, summary: 'attention', associative: { keyDepth: 3 } },
    { kind: 'window', window: 3, heads: 2 },
    { kind: 'last' },
  ];

  test.each(kinds)('are those of sequences that end there: $kind, $associative', async (kind) => {
    const config: ModelConfig = { ...tokenModel({ memory, alphabetSize: 4, labelCount: 3 }), memory: kind };
    const recipe = modelRecipeOf({
      config,
      training: TRAINING,
      examples: () => ({ shard: () => [], validation: () => [] }),
    });
    const weights = tensorsOf(recipe.initialWeights());
    const lossOf = async (example: SequenceExample): Promise<number> => {
      const [batch] = recipe.batchesOf([example], Random.seeded(1), 'training');
      const { total, parts } = recipe.loss(weights, batch, { step: 0, random: Random.seeded(2) });
      return (await (parts['answers'] ?? total).data())[0] ?? Number.NaN;
    };
    const apart = await Promise.all(
      [...asked].map(([place, label]) => lossOf({ input: input.slice(0, place + 1), label })),
    );
    expect(await lossOf({ input, labels })).toBeCloseTo(apart.reduce((sum, loss) => sum + loss, 0) / 3, 4);
  });

  test('are refused where they are not one a symbol, or none of the labels', () => {
    const config = tokenModel({ memory, alphabetSize: 4, labelCount: 3 });
    const batchesOf = (given: readonly number[]) =>
      sequenceBatches([{ input, labels: given }], config, { batchSize: 1 }, Random.seeded(1));
    expect(() => batchesOf([1, 2])).toThrow(/as many `labels` as inputs, each in -1..2 and one above -1, of example 1/);
    expect(() => batchesOf(labels.map((label) => label + 1))).toThrow(/as many `labels`/);
    expect(() => batchesOf(labels.map(() => -1))).toThrow(/as many `labels`/);
  });
});

describe('validation', () => {
  test('counts questions that answers miss, within sequences', async () => {
    const sizes = { depth: 8, heads: 2, window: 4, leafFanIn: 2, fanIn: 2, slots: 2, tokenCountBias: false };
    const config = tokenModel({ memory: sizes, alphabetSize: 4, labelCount: 2 });
    const recipe = modelRecipeOf({
      config,
      training: TRAINING,
      examples: () => ({ shard: () => [], validation: () => [] }),
    });
    const weights = tensorsOf(recipe.initialWeights());
    weights['answers.kernel'] = tf.zeros([8, 2]); // says 0 whatever is asked
    const examples = [
      { input: [1, 2, 3, 0], labels: [0, -1, 1, -1] },
      { input: [1, 0], labels: [-1, 0] },
    ];
    const figures = await recipe.validate(weights, recipe.batchesOf(examples, Random.seeded(1), 'validation'));
    expect(figures.error).toBeCloseTo(1 / 3, 6);
  });

  const valid = async (config: ModelConfig, change: (weights: Record<string, tf.Tensor>) => void) => {
    const recipe = modelRecipeOf({
      config,
      training: TRAINING,
      examples: () => ({ shard: () => [], validation: () => [] }),
    });
    const weights = tensorsOf(recipe.initialWeights());
    change(weights);
    return recipe.validate(weights, recipe.batchesOf(EXAMPLES, Random.seeded(1), 'validation'));
  };

  test('counts sequences that a decoder does not write exactly', async () => {
    const figures = await valid(SEQUENCE_CONFIG, (weights) => {
      weights['decoder.output.bias'] = tf.tensor1d([0, 50, 0, 0]); // never ends
    });
    expect(figures.error).toBe(1);
    expect(figures['loss']).toBeGreaterThan(1);
  });

  test('counts labels that a classifier misses', async () => {
    const config: ModelConfig = { ...SEQUENCE_CONFIG, memory: { kind: 'last' }, heads: { classifier: CLASSIFIER } };
    const figures = await valid(config, (weights) => {
      weights['classifier.bias'] = tf.tensor1d([50, 0]);
    });
    expect(figures.error).toBeCloseTo(2 / 5, 6);
  });

  test('gives the root of the mean squared error of a regression', async () => {
    const config: ModelConfig = { ...SEQUENCE_CONFIG, memory: { kind: 'last' }, heads: { regression: { outputs: 1 } } };
    const figures = await valid(config, (weights) => {
      weights['regression.kernel'] = tf.zeros([8, 1]);
    });
    const lengths = EXAMPLES.map(({ input }) => input.length ** 2);
    expect(figures.error).toBeCloseTo(Math.sqrt(lengths.reduce((sum, each) => sum + each, 0) / 5), 4);
  });
});

describe('trainRecipe on a recipe of sequences', () => {
  const losses = async (directory: string): Promise<unknown[]> => {
    const lines = (await readFile(path.join(directory, 'log.jsonl'), 'utf8')).trim().split('\n');
    return lines.map((line) => JSON.parse(line) as unknown);
  };

  test('a run that was stopped goes on to the same losses, and leaves a checkpoint of version 2', async () => {
    const [whole, halves] = [await folder(), await folder()];
    await trainRecipe({ recipe: RECIPE }, { directory: whole });
    const stop = new AbortController();
    const stopped = trainRecipe(
      { recipe: RECIPE },
      {
        directory: halves,
        signal: stop.signal,
        onStep: ({ step }) => {
          if (step === 5) stop.abort(new Error('stopped'));
        },
      },
    );
    await expect(stopped).rejects.toThrow('stopped');
    await trainRecipe({ recipe: RECIPE }, { directory: halves });
    expect(await losses(halves)).toEqual(await losses(whole));
    const { config, weights } = await readModelCheckpoint(whole);
    expect(config).toMatchObject({ version: 2, name: 'sequences', training: { seed: 1 } });
    expect(Object.keys(weights)).toContain('source.embedding');
    expect(existsSync(path.join(whole, 'README.md'))).toBe(true);
  }, 120_000);

  test('a model of pieces has in its folder what cuts text into them', async () => {
    const directory = await folder();
    await trainRecipe({ recipe: path.join(import.meta.dirname, 'piece-recipe.ts') }, { directory, steps: 1 });
    const tokenizer = path.join(import.meta.dirname, '../golden/pieces/pieces.json');
    expect(await readFile(path.join(directory, 'tokenizer.json'), 'utf8')).toBe(await readFile(tokenizer, 'utf8'));
  }, 120_000);
});

test('a run begins with the weights of another of the same configuration', async () => {
  const [first, second] = [await folder(), await folder()];
  await trainRecipe({ recipe: RECIPE }, { directory: first });
  await trainRecipe({ recipe: RECIPE }, { directory: second, from: first, steps: 1 });
  const [from, to] = [await readModelCheckpoint(first), await readModelCheckpoint(second)];
  const name = 'decoder.output.kernel';
  const distances = from.weights[name]?.data.map((value, index) => Math.abs(value - to.weights[name]!.data[index]!));
  expect(Math.max(...(distances ?? []))).toBeLessThan(0.02); // an update of the warm-up: the rate, and weight decay
}, 120_000);
