/** What `config.json` holds really works: parts in every pairing train, export, load, run, and stream where they can. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { isCausal } from '../../src/encoder/config.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { loadModel, loadSequenceModel, loadTokenModel, type SequenceAnswer } from '../../src/index.ts';
import { readModelConfig } from '../../src/model/config-file.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import type { RecognizerStream, StreamSnapshot } from '../../src/recognizer/recognizer.ts';
import { Random } from '../../src/tensor/random.ts';
import { modelRecipeOf, modelTask } from '../../src/training/model-recipe.ts';
import type { AudioRecipe, SequenceRecipe } from '../../src/training/recipe.ts';
import { train } from '../../src/training/train.ts';
import { tones } from '../recognizer/tiny-engine.ts';
import { AUDIO_COMBINATIONS, TOKEN_COMBINATIONS } from './combinations.ts';

beforeAll(() => loadBackend('cpu'));

const SCHEDULE = { seed: 1, steps: 2, learningRate: 0.01, warmup: 1, validateEvery: 2 };
const TRAINING = { ...SCHEDULE, batchSize: 4, labelSmoothing: 0.1, scheduledSampling: 0.2, dropout: 0.1 };

/** Trains two steps of `recipe`, and exports; the folder is gone when the test has ended. */
async function trainedFolder(recipe: SequenceRecipe | AudioRecipe): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-parts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const opened = modelRecipeOf(recipe);
  const { shard } = await opened.examples();
  const batches = opened.batchesOf(await shard(0), Random.seeded(1), 'training');
  const task = modelTask(opened, {
    shard: async () => batches,
    heldOut: batches,
    save: (directory, weights, provenance) =>
      writeCheckpoint(directory, { config: { ...recipe.config, training: provenance }, weights }),
  });
  const { weights } = await train(task, { ...opened.training, directory: folder });
  const first = opened.initialWeights();
  for (const [name, { data }] of Object.entries(weights)) {
    if (recipe.config.memory.kind === 'last' && name.startsWith('decoder.attention.')) continue; // one entry has all
    expect([name, data.every(Number.isFinite), data.join() !== first[name]?.data.join()]).toEqual([name, true, true]);
  }
  await exportModel(folder);
  return folder;
}

/** Events of `chunks` and a flush; after chunk `saveAfter` the stream goes on from its snapshot. */
async function eventsOf<Chunk, Event>(
  open: (options?: { readonly from: StreamSnapshot }) => RecognizerStream<Chunk, Event>,
  chunks: readonly Chunk[],
  saveAfter = -1,
): Promise<Event[]> {
  const events: Event[] = [];
  let stream = open();
  for (const [index, chunk] of chunks.entries()) {
    events.push(...(await stream.push(chunk)));
    if (index !== saveAfter) continue;
    const from = structuredClone(await stream.snapshot());
    stream.close();
    stream = open({ from });
  }
  events.push(...(await stream.flush()));
  stream.close();
  return events;
}

const INPUT = Int32Array.from({ length: 23 }, (_, index) => (7 * index + (index >> 2)) % 4);
const CHUNKS = [0, 1, 2, 9, 10, 20].map((start, index, starts) => INPUT.slice(start, starts[index + 1]));

function sequenceRecipe(config: ModelConfig): SequenceRecipe {
  const random = Random.seeded(2);
  const examples = Array.from({ length: 8 }, () => {
    const input = Array.from({ length: 6 + random.integer(8) }, () => random.integer(4));
    const [label, numbers] = [input.length % 2, [input.length, -1]];
    return { input, output: input.slice(2).map((id) => id % 3), label, numbers };
  });
  return { config, training: TRAINING, examples: () => ({ shard: () => examples, validation: () => examples }) };
}

const RUNNING = TOKEN_COMBINATIONS.flatMap(({ title, outcome }) =>
  'config' in outcome ? [{ title, config: outcome.config }] : [],
);

describe.each(RUNNING)('a model of tokens: $title', ({ config }) => {
  test('trains, exports, runs, and streams in chunks what it says of the whole, from snapshots too', async () => {
    const folder = await trainedFolder(sequenceRecipe(config));
    expect((await readModelConfig(folder)).version).toBe(2);
    await (config.heads.answers === undefined ? streamsAsWhole(folder, config) : answersAsWhole(folder));
  });
});

async function answersAsWhole(folder: string): Promise<void> {
  await using model = await loadTokenModel(folder);
  const whole = await eventsOf((options) => model.open(options), [INPUT]);
  expect(whole.flatMap(({ labels }) => labels)).toHaveLength(INPUT.length);
  const cut = await eventsOf((options) => model.open(options), CHUNKS, 3);
  expect(cut).toEqual(whole.map((event) => ({ ...event, probabilities: event.probabilities.map(near) })));
}

async function streamsAsWhole(folder: string, { heads }: ModelConfig): Promise<void> {
  await using model = await loadSequenceModel(folder);
  const events = await eventsOf((options) => model.open(options), CHUNKS, 3);
  expect(events.at(-1)).toMatchObject({ type: 'end', inputs: INPUT.length });
  const writes = heads.decoder !== undefined || heads.ctc !== undefined;
  const [best] = writes ? await model.decode(INPUT, { beamSize: 1 }) : [];
  const tokens = events.flatMap((event) => (event.type === 'symbol' ? [event.token] : []));
  expect(tokens).toEqual(best?.tokens ?? []);
  const hypotheses = writes ? await model.decode(INPUT, { beamSize: 3, nBest: 3, maximumLength: 12 }) : [];
  expect(hypotheses.length > 0).toBe(writes);
  for (const hypothesis of hypotheses) {
    expect(hypothesis.alignment.map(({ length }) => length)).toEqual(hypothesis.tokens.map(() => INPUT.length));
  }
  const concludes = heads.classifier !== undefined || heads.regression !== undefined;
  const answer = concludes ? await model.answer(INPUT) : undefined;
  expect(events.filter(({ type }) => type === 'answer')).toEqual(
    answer === undefined ? [] : [{ type: 'answer', ...nearAnswer(answer) }],
  );
  expect(answer?.labels?.reduce((sum, { probability }) => sum + probability, 0) ?? 1).toBeCloseTo(1, 4);
  expect([answer?.labels?.length, answer?.numbers?.length]).toEqual([
    heads.classifier?.labels.length,
    heads.regression?.outputs,
  ]);
}

function nearAnswer({ labels, numbers }: SequenceAnswer): SequenceAnswer {
  return {
    ...(labels && { labels: labels.map(({ label, probability }) => ({ label, probability: near(probability) })) }),
    ...(numbers && { numbers: numbers.map(near) }),
  };
}

function near(value: number): number {
  return expect.closeTo(value, 4) as number; // stands for one in an expectation
}

test('what does not go together is refused with the reason, and nothing else is', () => {
  const refused = TOKEN_COMBINATIONS.flatMap(({ title, given, outcome }) =>
    'refusal' in outcome ? [{ title, given, refusal: outcome.refusal }] : [],
  );
  for (const { title, given, refusal } of refused) {
    const { answers, ctc } = given.heads;
    const isLate = answers !== undefined && !isCausal(given.encoder);
    const isBlind = ctc !== undefined && given.encoder.kind === 'none';
    expect([title, isLate || isBlind]).toEqual([title, true]);
    expect(refusal).toMatch(isLate ? /answers at every vector/ : /know what stands around them/);
  }
  expect(refused.length).toBeGreaterThan(0);
});

function audioRecipe(config: ModelConfig): AudioRecipe {
  const examples = [0, 1, 2, 3].map((seed) => ({ samples: tones(0.6, seed), labels: ['1', 'o'], warp: 1 }));
  const specAugment = { frequencyMasks: 1, frequencyMaskBands: 2, timeMasksPerSecond: 1, timeMaskFrames: 2 };
  const training = { ...TRAINING, batchFrames: 1_000, ctcWeight: 0.5, specAugment, shardPasses: 1 };
  return { config, training, examples: async () => ({ shard: () => examples, validation: () => examples }) };
}

describe.each(AUDIO_COMBINATIONS)('a model of audio: $title', ({ config }) => {
  test('trains, exports, hears, and streams in chunks what it hears of the whole, from snapshots too', async () => {
    const folder = await trainedFolder(audioRecipe(config));
    expect((await readModelConfig(folder)).version).toBe(2);
    await using model = await loadModel(folder);
    const samples = tones(2.5, 7);
    const cuts = [0, 900, 16_000, 16_400, 33_000].map((start, index, starts) =>
      samples.slice(start, starts[index + 1]),
    );
    const settled = async (chunks: readonly Float32Array[], saveAfter?: number): Promise<string[]> => {
      const events = await eventsOf((options) => model.open(options), chunks, saveAfter);
      return events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
    };
    expect(await settled(cuts, 2)).toEqual(await settled([samples]));
    const { text } = await model.recognize(samples, { maximumWords: 1 });
    expect(['zero', 'oh', 'one']).toContain(text);
    if (config.heads.decoder !== undefined) return;
    const refusal = 'to be ctc or joint with';
    await expect(model.recognize(samples, { decoder: 'attention' })).rejects.toThrow(refusal);
    expect(() => model.open({ decoder: 'attention' })).toThrow(refusal);
  });
});
