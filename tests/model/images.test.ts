/** A model of images out of the same parts: it trains, exports, and writes about what it is shown. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import '@tensorflow/tfjs';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { loadSequenceModel, type Picture } from '../../src/index.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import { type ModelConfig, parseModelConfig } from '../../src/model/config.ts';
import { describeParts } from '../../src/model/describe-parts.ts';
import { initModel } from '../../src/model/forward.ts';
import { leastWeightCount } from '../../src/model/weight-count.ts';
import { Random } from '../../src/tensor/random.ts';
import type { SequenceExample } from '../../src/training/examples.ts';
import { modelRecipeOf, modelTask } from '../../src/training/model-recipe.ts';
import type { SequenceTraining } from '../../src/training/recipe.ts';
import { sequenceBatches } from '../../src/training/sequence-batches.ts';
import { train } from '../../src/training/train.ts';

const SIDE = 8;
const CONFIG: ModelConfig = {
  format: 'hearken',
  version: 2,
  name: 'spots',
  source: { kind: 'image', height: SIDE, width: SIDE, channels: 1 },
  encoder: {
    kind: 'grid',
    units: 12,
    image: { height: SIDE, width: SIDE, channels: 1 },
    kernel: 3,
    layers: [{ channels: 8, stride: 2 }],
  },
  memory: { kind: 'full' },
  heads: {
    decoder: {
      order: 'bahdanau',
      cell: 'gru',
      attention: { kind: 'global', score: 'additive' },
      inputFeeding: false,
      firstState: 'encoder',
      units: 16,
      attentionUnits: 12,
      embedding: 6,
      dropout: 0,
      symbols: { unit: 'word', symbols: ['upper', 'lower', 'left', 'right'] },
    },
  },
};
const TRAINING: SequenceTraining = {
  seed: 1,
  steps: 150,
  learningRate: 0.01,
  warmup: 10,
  validateEvery: 150,
  batchSize: 16,
  labelSmoothing: 0,
  scheduledSampling: 0,
  dropout: 0,
};

/** A bright pixel somewhere; the caption says in which quarter. */
function spot(index: number): SequenceExample & { readonly input: number[]; readonly output: string } {
  const place = Random.seeded(index).integer(SIDE * SIDE);
  const input = Array.from({ length: SIDE * SIDE }, (_, i) => (i === place ? 1 : 0));
  const [row, column] = [Math.floor(place / SIDE), place % SIDE];
  return { input, output: `${row < SIDE / 2 ? 'upper' : 'lower'} ${column < SIDE / 2 ? 'left' : 'right'}` };
}

function picture(index: number): Picture {
  return { height: SIDE, width: SIDE, channels: 1, pixels: Float32Array.from(spot(index).input) };
}

async function trainedFolder(config: ModelConfig, steps: number): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-images-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const examples = Array.from({ length: 160 }, (_, index) => ({ ...spot(index), label: index % 2 }));
  const training = { ...TRAINING, steps, validateEvery: steps };
  const recipe = modelRecipeOf({
    config,
    training,
    examples: () => ({ shard: () => examples, validation: () => examples }),
  });
  const batches = recipe.batchesOf(examples, Random.seeded(1), 'training');
  const task = modelTask(recipe, {
    shard: async () => batches,
    heldOut: batches.slice(0, 2),
    save: (directory, weights) => writeCheckpoint(directory, { config, weights }),
  });
  await train(task, { ...training, directory: folder });
  await exportModel(folder);
  return folder;
}

beforeAll(() => loadBackend('cpu'));

test('an image model learns, exports, and writes of images where a spot is, with where it looked', async () => {
  await using model = await loadSequenceModel(await trainedFolder(CONFIG, TRAINING.steps));
  const unseen = Array.from({ length: 40 }, (_, index) => 1_000 + index);
  const written = await model.decodeAll(unseen.map(picture));
  const right = written.filter(([best], row) => best?.text === spot(unseen[row]!).output);
  expect(right.length).toBeGreaterThan(34);
  const [best] = written[0]!;
  expect(best?.grid).toEqual({ rows: 4, columns: 4 });
  expect(best?.inputSymbols).toEqual([]);
  expect(best?.alignment.map((shares) => shares.length)).toEqual([16, 16]);
  for (const shares of best?.alignment ?? []) expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
});

test('with a memory of the last vector alone it has one fixed vector of the image, and the same weights', async () => {
  const fixed: ModelConfig = { ...CONFIG, memory: { kind: 'last' } };
  const weightsOf = (config: ModelConfig): string[] =>
    Object.entries(initModel(config, Random.seeded(1))).map(([name, { shape }]) => `${name} ${shape.join(' ')}`);
  expect(weightsOf(fixed)).toEqual(weightsOf(CONFIG));
  await using model = await loadSequenceModel(await trainedFolder(fixed, 2));
  const [best] = await model.decode(picture(1), { maximumLength: 2 });
  for (const shares of best?.alignment ?? []) expect(shares).toEqual(Array.from({ length: 16 }, () => 1 / 16));
});

test('hard attention is trained by what it draws, and in use looks at one part for each word', async () => {
  const { decoder } = CONFIG.heads;
  const heads = { decoder: { ...decoder!, attention: { kind: 'sampled', score: 'additive' } as const } };
  await using model = await loadSequenceModel(await trainedFolder({ ...CONFIG, heads }, TRAINING.steps));
  const unseen = Array.from({ length: 40 }, (_, index) => 1_000 + index);
  const written = await model.decodeAll(unseen.map(picture));
  const right = written.filter(([best], row) => best?.text === spot(unseen[row]!).output);
  expect(right.length).toBeGreaterThan(30);
  const looks = written.flatMap(([best]) => best?.alignment ?? []);
  expect(looks.length).toBeGreaterThan(40);
  for (const shares of looks) expect(shares.toSorted((a, b) => a - b).slice(-2)).toEqual([0, 1]);
});

test('a classifier and a regression say of an image what it is as a whole', async () => {
  const heads = { classifier: { labels: ['even', 'odd'] } };
  await using model = await loadSequenceModel(
    await trainedFolder({ ...CONFIG, memory: { kind: 'full', heads: 2 }, heads }, 2),
  );
  const { labels = [] } = await model.answer(picture(3));
  expect(labels.map(({ label }) => label).toSorted()).toEqual(['even', 'odd']);
  expect(labels.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 5);
});

test('what is no image of its size is refused, and so is a stream', async () => {
  await using model = await loadSequenceModel(await trainedFolder(CONFIG, 1));
  const image = picture(0);
  const expected = 'Expected an image of 8 x 8 pixels and 1 channels, got';
  for (const [given, got] of [
    ['text', 'a text'],
    [new Int32Array(3), 'ids'],
    [{ ...image, height: 9 }, '9 x 8 and 1'],
    [{ ...image, pixels: new Float32Array(63) }, '63 numbers'],
    [{ ...image, pixels: new Float32Array(64).fill(NaN, 5) }, 'NaN as number 6'],
  ] as const) {
    await expect(model.decode(given)).rejects.toThrow(`${expected} ${got}`);
  }
  expect(() => model.open()).toThrow(expect.objectContaining({ code: 'sequence/image' }));
});

test('examples that are no images of the size are refused, by number', () => {
  const batches = (input: number[]) =>
    sequenceBatches([{ input, output: 'left' }], CONFIG, { batchSize: 1 }, Random.seeded(1));
  expect(() => batches([1, 2, 3])).toThrow('Expected 8 numbers for each time as `input` of example 1, got 3 in all');
  expect(() => batches(new Array<number>(72).fill(0))).toThrow('Expected the 64 numbers of an image');
});

describe('a configuration', () => {
  const changed = (changes: Record<string, unknown>): unknown => JSON.parse(JSON.stringify({ ...CONFIG, ...changes }));

  test('of an image is read as it is written, and tells its parts', () => {
    expect(parseModelConfig(changed({}))).toEqual(CONFIG);
    expect(describeParts(CONFIG).slice(0, 2)).toEqual([
      ['source', 'image of 8 x 8 pixels, 1 channel'],
      ['encoder', 'grid, 1 convolutions of 3 x 3; 4 x 4 parts of 12 units, each of which sees 3 x 3 pixels'],
    ]);
    const count = Object.values(initModel(CONFIG, Random.seeded(1))).reduce((sum, { data }) => sum + data.length, 0);
    expect(leastWeightCount(CONFIG)).toBeLessThanOrEqual(count);
    expect(leastWeightCount(CONFIG)).toBeGreaterThan(count / 8);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['another encoder', { encoder: { kind: 'gru', units: 12, layers: 1 } }, '`encoder.kind` to be grid'],
    ['a grid of numbers', { source: { kind: 'numbers', width: 8 } }, '`encoder.kind` to be another'],
    [
      'a grid of another image',
      { source: { kind: 'image', height: SIDE, width: 9, channels: 1 } },
      '`encoder.image.width` to be that of the source, 9',
    ],
    ['an even kernel', { encoder: { ...CONFIG.encoder, kernel: 2 } }, '`encoder.kernel` to be an odd integer'],
    ['a window', { memory: { kind: 'window', window: 4 } }, '`memory.kind` to be full or last'],
    [
      'CTC',
      { heads: { ctc: { symbols: { unit: 'id', count: 3 } } }, memory: { kind: 'full', heads: 2 } },
      '`heads.ctc` to be absent',
    ],
  ])('of an image with %s is refused', (_what, changes, refusal) => {
    expect(() => parseModelConfig(changed(changes))).toThrow(refusal);
  });
});
