/** A head of phones beside that of labels: each learns of the rows whose truth it is given, and of no others. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { createModelExecutor } from '../../src/backend/model-executor.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { loadModel } from '../../src/index.ts';
import { readModelCheckpoint, writeCheckpoint } from '../../src/model/checkpoint.ts';
import { type ModelConfig, parseModelConfig } from '../../src/model/config.ts';
import { modelConfigOfSpeech } from '../../src/model/config-migration.ts';
import { describeParts } from '../../src/model/describe-parts.ts';
import { initModel } from '../../src/model/forward.ts';
import { leastWeightCount } from '../../src/model/weight-count.ts';
import { Random } from '../../src/tensor/random.ts';
import { type Gradients, gradientsOf, meanOf } from '../../src/training/gradients.ts';
import type { SpeechTraining } from '../../src/training/recipe.ts';
import type { SpeechBatch } from '../../src/training/speech-batches.ts';
import { speechLoss, validateSpeech } from '../../src/training/speech-task.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';
import { tones } from '../recognizer/tiny-engine.ts';

const PHONES = ['a', 'b', 't'];
const WITHOUT = modelConfigOfSpeech(EXAMPLE_CONFIG);
const CONFIG: ModelConfig = parseModelConfig({
  ...WITHOUT,
  heads: { ...WITHOUT.heads, phones: { symbols: PHONES } },
});
const WEIGHTS = initModel(CONFIG, Random.seeded(1));
const TRAINING = {
  ctcWeight: 0.7,
  phonesWeight: 0.4,
  labelSmoothing: 0,
  scheduledSampling: 0,
  dropout: 0,
  specAugment: { frequencyMasks: 0, frequencyMaskBands: 0, timeMasksPerSecond: 0, timeMaskFrames: 0 },
} as SpeechTraining; // what a loss goes by

type Truth = Pick<SpeechBatch, 'labels' | 'phones'>;

const VECTORS = 12;
const ROW = VECTORS * 160;
const SOUND = Float32Array.from(
  { length: 3 * ROW },
  (
    (random) => () =>
      random.normal()
  )(Random.seeded(5)),
);

/** Rows of sound by number, with what is known of them. */
function batchOf(rows: readonly number[], truth: Truth): SpeechBatch {
  const frames = new Float32Array(rows.length * ROW);
  for (const [at, row] of rows.entries()) frames.set(SOUND.subarray(row * ROW, (row + 1) * ROW), at * ROW);
  return {
    frames,
    shape: [rows.length, VECTORS, 160],
    utterances: rows.map(() => ({ firstLabel: 0, start: 0 })),
    ...truth,
  };
}

function learned(batch: SpeechBatch, config: ModelConfig = CONFIG): Promise<Gradients> {
  const random = Random.seeded(1);
  return gradientsOf(initModel(config, Random.seeded(1)), (weights) =>
    speechLoss(weights, config, TRAINING, batch, { step: 0, random }),
  );
}

const ids = (...numbers: readonly number[]): Int32Array => Int32Array.from(numbers);

beforeAll(() => loadBackend('cpu'));

describe('a head of phones', () => {
  const mixed = batchOf([0, 1, 2], {
    labels: [ids(1, 2), undefined, ids(3)],
    phones: [ids(1, 3), ids(2, 2), undefined],
  });

  test('learns of rows with phones, labels and the decoder of rows with labels, as if there were no others', async () => {
    const all = await learned(mixed);
    const spelled = await learned(batchOf([0, 2], { labels: [ids(1, 2), ids(3)] }), WITHOUT);
    const heard = await learned(batchOf([0, 1], { labels: [undefined, undefined], phones: [ids(1, 3), ids(2, 2)] }));
    expect(Object.keys(all.parts).toSorted()).toEqual(['attention', 'ctc', 'phones']);
    expect(all.parts['ctc']).toBeCloseTo(spelled.parts['ctc']!, 5);
    expect(all.parts['attention']).toBeCloseTo(spelled.parts['attention']!, 5);
    expect(all.parts['phones']).toBeCloseTo(heard.parts['phones']!, 5);
    const { ctc, attention, phones } = all.parts;
    expect(all.loss).toBeCloseTo(0.6 * (0.7 * ctc! + 0.3 * attention!) + 0.4 * phones!, 5);
  });

  test('where no row has labels, nothing of labels changes, and the encoder learns from phones alone', async () => {
    const { gradients, parts } = await learned(batchOf([1], { labels: [undefined], phones: [ids(2, 1)] }));
    const isMoved = (name: string): boolean => gradients[name]!.data.some((value) => value !== 0);
    const decoder = Object.keys(gradients).filter((name) => name.startsWith('decoder.'));
    expect(Object.keys(parts)).toEqual(['phones']);
    expect(['head.kernel', ...decoder].filter(isMoved)).toEqual([]);
    expect(['phones.kernel', 'phones.bias'].map(isMoved)).toEqual([true, true]);
    expect(Object.keys(gradients).some((name) => name.startsWith('encoder.') && isMoved(name))).toBe(true);
  });

  test('leaves the first weights of all else, and their losses where it is not there, as they were', async () => {
    const before = initModel(WITHOUT, Random.seeded(1));
    expect(Object.keys(WEIGHTS).filter((name) => !(name in before))).toEqual(['phones.kernel', 'phones.bias']);
    for (const [name, array] of Object.entries(before)) expect(WEIGHTS[name]).toEqual(array);
    const batch = batchOf([0, 2], { labels: [ids(1, 2), ids(3)] });
    const { loss, parts } = await learned(batch, WITHOUT);
    expect(loss).toBeCloseTo(0.7 * parts['ctc']! + 0.3 * parts['attention']!, 5);
  });

  test('the mean of batches is, of each head, that of the batches which taught it', async () => {
    const spelled = await learned(batchOf([0], { labels: [ids(1)] }));
    const heard = await learned(batchOf([1], { labels: [undefined], phones: [ids(1)] }));
    const { parts } = meanOf([heard, spelled]);
    expect(parts).toEqual({ ...heard.parts, ...spelled.parts });
  });

  test('is validated by itself', async () => {
    const weights = Object.fromEntries(
      Object.entries(WEIGHTS).map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape])]),
    );
    // Nothing but blanks: each label and phone is missed once.
    const bias = (count: number): tf.Tensor => tf.tensor1d([100, ...Array.from({ length: count }, () => 0)]);
    const silent = { ...weights, 'head.bias': bias(3), 'phones.bias': bias(PHONES.length) };
    expect(await validateSpeech(silent, CONFIG, [mixed])).toEqual({
      error: 1,
      phoneError: 1,
      decoderError: expect.any(Number) as number,
    });
    // Nothing but the phone 2: right once in `2 2`, wrong in `1 3`.
    const humming = { ...silent, 'phones.bias': tf.tensor1d([0, 0, 100, 0]) };
    expect(await validateSpeech(humming, CONFIG, [mixed])).toMatchObject({ error: 1, phoneError: 3 / 4 });
  });

  test('is a cell of its own, which runs on what was read', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hearken-phones-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeCheckpoint(folder, { config: CONFIG, weights: WEIGHTS });
    expect((await readModelCheckpoint(folder)).config).toEqual(CONFIG);
    await exportModel(folder);
    await using executor = await createModelExecutor(folder, 'cpu', { cells: [] });
    const reads = Float32Array.from({ length: 2 * 5 * 16 }, (_, at) => Math.sin(at));
    const { logProbabilities } = await executor.run('phones', { reads: { shape: [2, 5, 16], data: reads } });
    expect(logProbabilities?.shape).toEqual([2, 5, PHONES.length + 1]);
    const row = (logProbabilities!.data as Float32Array).subarray(0, PHONES.length + 1);
    expect(row.reduce((sum, value) => sum + Math.exp(value), 0)).toBeCloseTo(1, 5);
    await using model = await loadModel(folder); // who asks for words hears as before
    expect(await model.recognize(tones(0.6, 1))).toHaveProperty('text');
  });

  test('counts among what a model is and needs', () => {
    expect(describeParts(CONFIG)).toContainEqual(['phones', '3 phones at every vector']);
    expect(leastWeightCount(CONFIG)).toBe(leastWeightCount(WITHOUT) + 3 * 16);
  });
});
