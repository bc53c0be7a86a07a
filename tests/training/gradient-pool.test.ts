import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { Random } from '../../src/tensor/random.ts';
import { type GradientPool, openGradientPool } from '../../src/training/gradient-pool.ts';
import { gradientsHere } from '../../src/training/gradients.ts';
import { initRecognizer } from '../model/first-weights.ts';
import { openSpeechRecipe } from './speech-recipe.ts';
import type { SpeechRecipe } from '../../src/training/recipe.ts';
import { speechBatches, type SpeechBatch } from '../../src/training/speech-batches.ts';
import { speechLoss } from '../../src/training/speech-task.ts';
import { toneManifest } from './tone-manifest.ts';

describe('openGradientPool', () => {
  let recipe: SpeechRecipe;
  let pool: GradientPool;
  let batches: SpeechBatch[];

  beforeAll(async () => {
    const { name } = await loadBackend();
    const folder = await mkdtemp(join(tmpdir(), 'hearken-pool-'));
    const [train, dev] = [await toneManifest(folder, 'train', 4), await toneManifest(folder, 'dev', 2)];
    const source = { manifest: { train, dev, name: 'tones' } };
    recipe = await openSpeechRecipe(source);
    const examples = await (await recipe.examples()).validation();
    const batch = { batchSize: 1, batchFrames: 1_000 };
    batches = speechBatches([...examples, ...examples.slice(0, 1)], recipe.config, batch, Random.seeded(1));
    pool = openGradientPool(source, name, 2);
  });

  afterAll(async () => {
    await pool[Symbol.asyncDispose]();
  });

  const start = () => {
    const { config, training } = recipe;
    return initRecognizer(config, Random.seeded(training.seed));
  };

  test('gives what this thread gives, in the order of the batches, with more batches than workers too', async () => {
    const at = { seed: 5, step: 3 };
    const here = gradientsHere<SpeechBatch>((weights, batch, context) =>
      speechLoss(weights, recipe.config, recipe.training, batch, context),
    );
    const expected = await here(start(), batches, at);
    const given = await pool.gradients(start(), batches, at);
    expect(batches).toHaveLength(3);
    expect(given.map(({ loss }) => loss)).toEqual(expected.map(({ loss }) => expect.closeTo(loss, 5)));
    for (const [index, { gradients }] of given.entries()) {
      for (const [name, { data }] of Object.entries(gradients)) {
        const difference = tf.tidy(() =>
          tf.max(tf.abs(tf.sub(data, expected[index]?.gradients[name]?.data as Float32Array))),
        );
        expect((await difference.data())[0], name).toBeLessThan(1e-5);
        difference.dispose();
      }
    }
  });

  test('says why a batch failed, and goes on with the next', async () => {
    const [good] = batches as [SpeechBatch];
    const bad: SpeechBatch = { ...good, shape: [1, 3, 7] };
    await expect(pool.gradients(start(), [good, bad], { seed: 1, step: 0 })).rejects.toMatchObject({
      code: 'training/worker',
    });
    const [after] = await pool.gradients(start(), [good], { seed: 1, step: 0 });
    expect(after?.loss).toBeGreaterThan(0);
  });
});
