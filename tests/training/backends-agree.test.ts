import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { type BackendSource, loadBackendFrom } from '../../src/backend/backends.ts';
import { packageRoot } from '../../src/package-root.ts';
import { Random } from '../../src/tensor/random.ts';
import type { SpeechTraining } from '../../src/training/recipe.ts';
import type { SpeechBatch } from '../../src/training/speech-batches.ts';
import { modelRecipeOf, modelTask } from '../../src/training/model-recipe.ts';
import { train } from '../../src/training/train.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';

const isNativeBuilt = existsSync(join(packageRoot(), '.native/node_modules/@tensorflow/tfjs-node/lib/napi-v8'));
const STEPS = 20;
const training: SpeechTraining = {
  seed: 11,
  steps: STEPS,
  learningRate: 1e-3,
  warmup: 5,
  validateEvery: STEPS,
  batchSize: 2,
  batchFrames: 1_000,
  ctcWeight: 0.5,
  labelSmoothing: 0.05,
  scheduledSampling: 0.2,
  dropout: 0.1,
  specAugment: { frequencyMasks: 1, frequencyMaskBands: 5, timeMasksPerSecond: 1, timeMaskFrames: 5 },
  shardPasses: 1,
};

/** Long enough that the memory has nodes: 48 vectors, a window of 32. */
function batchOf(random: Random): SpeechBatch {
  const shape = [2, 48, 160] as const;
  const frames = Float32Array.from({ length: 2 * 48 * 160 }, () => random.normal());
  const utterances = [
    { firstLabel: 0, start: 0 },
    { firstLabel: 1, start: 20 },
  ];
  return { frames, shape, labels: [Int32Array.of(1, 2, 3), Int32Array.of(2, 2)], utterances };
}

async function lossesOn(source: BackendSource): Promise<number[]> {
  await loadBackendFrom(source);
  const directory = await mkdtemp(join(tmpdir(), 'hearken-backends-'));
  const random = Random.seeded(4);
  const batches = Array.from({ length: 5 }, () => batchOf(random));
  const examples = async () => ({ shard: () => [], validation: () => [] });
  const task = modelTask(modelRecipeOf({ config: EXAMPLE_CONFIG, training, examples }), {
    shard: async () => batches,
    heldOut: batches.slice(0, 1),
    save: async () => undefined,
  });
  await train(task, { ...training, directory });
  const lines = (await readFile(join(directory, 'log.jsonl'), 'utf8')).trim().split('\n');
  return lines.flatMap((line) => (JSON.parse(line) as { loss?: number }).loss ?? []);
}

describe('training a recogniser with the same seed', () => {
  let expected: number[] = [];
  beforeAll(async () => {
    expected = await lossesOn('cpu');
  }, 120_000);

  const expectSameLosses = async (source: BackendSource): Promise<void> => {
    const losses = await lossesOn(source);
    expect(losses).toHaveLength(STEPS);
    expect(Math.max(...losses.map((loss, step) => Math.abs(loss - (expected[step] ?? Number.NaN))))).toBeLessThan(1e-4);
  };

  test('has the same losses in WebAssembly as in JavaScript over 20 updates', async () => {
    await expectSameLosses('wasm');
  }, 120_000);

  test.skipIf(!isNativeBuilt)(
    'has the same losses in native TensorFlow (`npm run setup:native`)',
    async () => {
      await expectSameLosses('native');
    },
    120_000,
  );
});
