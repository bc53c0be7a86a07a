import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { exportModel } from '../../src/export/export-model.ts';
import { loadSequenceModel, loadTokenModel } from '../../src/index.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import { type ModelConfig, modelDepth, parseModelConfig } from '../../src/model/config.ts';
import { describeParts } from '../../src/model/describe-parts.ts';
import { forward, initModel } from '../../src/model/forward.ts';
import { Random } from '../../src/tensor/random.ts';
import { tensorsOf } from '../../src/tensor/tensors-of.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { modelRecipeOf, modelTask } from '../../src/training/model-recipe.ts';
import type { SequenceTraining } from '../../src/training/recipe.ts';
import { sequenceBatches } from '../../src/training/sequence-batches.ts';
import { train } from '../../src/training/train.ts';

const CONFIG: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'numbers',
  source: { kind: 'numbers', width: 2 },
  encoder: { kind: 'pair', units: 8 },
  memory: {
    kind: 'hierarchical',
    depth: 8,
    heads: 2,
    window: 2,
    leafFanIn: 2,
    fanIn: 2,
    slots: 1,
    tokenCountBias: false,
    summary: 'attention',
  },
  heads: { regression: { outputs: 1 } },
};
const TRAINING: SequenceTraining = {
  seed: 1,
  steps: 60,
  learningRate: 0.02,
  warmup: 5,
  validateEvery: 60,
  batchSize: 16,
  labelSmoothing: 0,
  scheduledSampling: 0,
  dropout: 0,
};

/** A time or two of two numbers; the truth is the sum of the newest two. */
function summed(index: number): SequenceExample {
  const random = Random.seeded(index);
  const input = Array.from({ length: 2 + 2 * (index % 2) }, () => random.normal());
  return { input, numbers: [input.at(-2)! + input.at(-1)!] };
}

beforeAll(() => tf.setBackend('cpu'));

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'hearken-numbers-'));
  onTestFinished(() => rm(made, { recursive: true }));
  return made;
}

describe('a source of numbers', () => {
  test('is read as it is written, has no embedding, and is as deep as it is wide where there is no encoder', () => {
    expect(parseModelConfig(JSON.parse(JSON.stringify(CONFIG)))).toEqual(CONFIG);
    expect(modelDepth({ ...CONFIG, encoder: { kind: 'none' } })).toBe(2);
    expect(describeParts(CONFIG)[0]).toEqual(['source', '2 numbers at each time']);
    expect(Object.keys(initModel(CONFIG, Random.seeded(1))).filter((name) => name.startsWith('source'))).toEqual([]);
    const wide = { ...CONFIG, source: { kind: 'numbers', width: 0 } };
    expect(() => parseModelConfig(wide)).toThrow('Expected `source.width` to be');
    const spoken = { ...CONFIG, decoding: {} };
    expect(() => parseModelConfig(spoken)).toThrow('Expected `decoding` to be absent: the source is numbers');
  });

  test('is padded behind the end of a row, which changes nothing of it', async () => {
    const rows = [
      [0.5, 1],
      [1, 2, 3, 4, 5, 6],
    ].map((input) => ({ input, numbers: [0] }));
    const [batch] = sequenceBatches(rows, CONFIG, { batchSize: 2 }, Random.seeded(1));
    expect(batch).toMatchObject({ lengths: [1, 3], inputs: Float32Array.of(0.5, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6) });
    const weights = tensorsOf(initModel(CONFIG, Random.seeded(2)));
    const together = forward(weights, CONFIG, { inputs: tf.tensor3d(batch!.inputs, [2, 3, 2]), lengths: [1, 3] });
    const alone = forward(weights, CONFIG, { inputs: tf.tensor3d([[[0.5, 1]]]), lengths: [1] });
    const [[first = []], [own = []]] = [await together.final.array(), await alone.final.array()];
    expect(first).toEqual(own.map((value) => expect.closeTo(value, 5)));
  });

  test.each<[SequenceExample['input'], string]>([
    ['ab', 'Expected numbers as `input` of example 1, got "ab"'],
    [[1, 2, 3], 'Expected 2 numbers for each time as `input` of example 1, got 3 in all'],
    [[1, Number.NaN], 'Expected finite numbers as `input` of example 1, got NaN at place 2'],
    [[], 'Expected an `input` that is not empty of example 1, got []'],
  ])('is refused where it is none of its width: %j', (input, message) => {
    const given = [{ input, numbers: [0] }];
    expect(() => sequenceBatches(given, CONFIG, { batchSize: 2 }, Random.seeded(1))).toThrow(message);
  });

  test('is learned from', { timeout: 60_000 }, async () => {
    const recipe = modelRecipeOf({
      config: { ...CONFIG, memory: { kind: 'last' } },
      training: TRAINING,
      examples: () => ({ shard: () => [], validation: () => [] }),
    });
    const batchesOf = (first: number) => {
      const examples = Array.from({ length: 64 }, (_, place) => summed(first + place));
      return recipe.batchesOf(examples, Random.seeded(first), 'training');
    };
    const task = modelTask(recipe, {
      shard: (index) => Promise.resolve(batchesOf(1_000 + 64 * index)),
      heldOut: batchesOf(0),
      save: () => Promise.resolve(),
    });
    const errors: number[] = [];
    await train(task, { ...TRAINING, onValidation: ({ validation }) => errors.push(validation.error) });
    expect(errors.at(-1)).toBeLessThan(0.5); // to say 0 always has an error of 1.4
  });

  test('is exported, and refused with the reason where streams go by symbols', { timeout: 60_000 }, async () => {
    const made = await folder();
    await writeCheckpoint(made, { config: CONFIG, weights: initModel(CONFIG, Random.seeded(1)) });
    const reports = await exportModel(made);
    expect(reports.map(({ cell }) => cell)).toContain('encode');
    for (const { worstDifference } of reports) expect(worstDifference).toBeLessThan(1e-4);
    await expect(loadSequenceModel(made)).rejects.toThrow(
      'Expected a model that takes in symbols or images, and writes symbols or says something of the whole, got one of numbers',
    );
    await expect(loadTokenModel(made)).rejects.toThrow(
      'Expected `source.kind` of a model that answers on streams of tokens to be tokens',
    );
  });
});
