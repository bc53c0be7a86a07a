/** A decoder is trained over vectors that are there already. */
import { beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import type { DecoderConfig } from '../../src/decoder/config.ts';
import { initDecoder } from '../../src/decoder/decoder.ts';
import { averageLagging } from '../../src/losses/lagging.ts';
import { Random } from '../../src/tensor/random.ts';
import { decoderTask, type EncodedExample } from '../../src/training/decoder-task.ts';
import { train } from '../../src/training/train.ts';

beforeAll(() => loadBackend('cpu'));

const LABELS = 3;
const DEPTH = LABELS + 1;
const CONFIG: DecoderConfig = {
  order: 'luong',
  cell: 'gru',
  attention: { kind: 'monotonic' },
  inputFeeding: true,
  firstState: 'zeros',
  units: 16,
  attentionUnits: 16,
  embedding: 8,
  dropout: 0,
};
/** It stops soon from the beginning: vectors are few. */
const STOPPING = { 'decoder.attention.offset': { shape: [1], data: Float32Array.of(-1) } };
const TRAINING = { batchSize: 16, labelSmoothing: 0, scheduledSampling: 0, seed: 1 };
const SCHEDULE = {
  seed: 1,
  steps: 120,
  learningRate: 0.03,
  warmup: 10,
  validateEvery: 40,
  optimizer: { averageDecay: 0.9 },
};

/** Labels as vectors of one 1 each, some nothing before every one of them, and behind the last. */
function examplesOf(count: number, seed: number): EncodedExample[] {
  const random = Random.seeded(seed);
  return Array.from({ length: count }, () => {
    const first = random.integer(LABELS);
    const labels = Int32Array.from({ length: 1 + random.integer(2) }, (_, index) => 1 + ((first + index) % LABELS));
    const symbols = [...[...labels].flatMap((label) => [...zeros(random), label]), 0];
    const vectors = new Float32Array(symbols.length * DEPTH);
    for (const [vector, symbol] of symbols.entries()) vectors[vector * DEPTH + symbol] = 1;
    return { vectors, labels };
  });
}

function zeros(random: Random): number[] {
  return Array.from({ length: 1 + random.integer(2) }, () => 0);
}

function taskOf(weight?: number) {
  return {
    ...decoderTask(
      CONFIG,
      DEPTH,
      weight === undefined ? TRAINING : { ...TRAINING, waiting: { weight, loss: averageLagging } },
      {
        training: async () => examplesOf(160, 1),
        validation: async () => examplesOf(40, 2),
      },
    ),
    initialWeights: () => ({
      ...initDecoder(CONFIG, { depth: DEPTH, labelCount: LABELS }, Random.seeded(1)),
      ...STOPPING,
    }),
  };
}

test('a monotonic decoder learns to write what the vectors say, alone and by hard stops', async () => {
  const errors: number[] = [];
  await train(taskOf(), { ...SCHEDULE, onValidation: ({ validation }) => errors.push(validation.error) });
  expect(errors.at(-1)).toBeLessThan(0.1);
});

test('lagging is weighed into the loss where it is asked for', async () => {
  const losses: Readonly<Record<string, number>>[] = [];
  for (const weight of [undefined, 0.5]) {
    await train(taskOf(weight), {
      ...SCHEDULE,
      steps: 1,
      onStep: ({ loss, parts }) => losses.push({ loss, ...parts }),
    });
  }
  const [without, weighed] = losses;
  expect(weighed!['attention']).toBeCloseTo(without!['loss']!, 4);
  expect(weighed!['loss']).toBeCloseTo(weighed!['attention']! + 0.5 * weighed!['lagging']!, 4);
  expect(Object.keys(without!)).toEqual(['loss']);
});

test('a pass holds each example once, in an order of its own', async () => {
  const { batches } = taskOf();
  const [first, again, second] = [await batches(0), await batches(0), await batches(1)];
  expect(new Set(first.flat()).size).toBe(160);
  expect(again).toEqual(first);
  expect(second).not.toEqual(first);
});
