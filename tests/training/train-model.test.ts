import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { readCheckpoint, writeCheckpoint } from '../../src/model/checkpoint.ts';
import { initRecognizer } from '../model/first-weights.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import type { RecipeSource } from '../../src/training/open-recipe.ts';
import { openSpeechRecipe } from './speech-recipe.ts';
import { trainRecipe } from '../../src/training/train-recipe.ts';
import { trainModel } from '../../src/training/train-model.ts';
import { toneManifest } from './tone-manifest.ts';

async function tones(folder: string): Promise<RecipeSource> {
  const [train, dev] = [await toneManifest(folder, 'train', 8), await toneManifest(folder, 'dev', 4)];
  return { manifest: { train, dev, name: 'tones' } };
}

describe('trainModel', () => {
  test('trains on manifests, leaves a checkpoint that can be read, and goes on where it stopped', async () => {
    await loadBackend();
    const folder = await mkdtemp(join(tmpdir(), 'hearken-manifest-'));
    const source = await tones(folder);
    const directory = join(folder, 'model');
    await trainModel(source, { directory, steps: 2 });
    const { config } = await readCheckpoint(directory);
    expect(config.vocabulary.labels).toEqual(['high', 'low']);
    expect(config.training).toMatchObject({ steps: 2 });
    await trainModel(source, { directory, steps: 3 });
    const log = await readFile(join(directory, 'log.jsonl'), 'utf8');
    const steps = log
      .split('\n')
      .flatMap((line) => (line.includes('"loss"') ? [(JSON.parse(line) as { step: number }).step] : []));
    expect(steps).toEqual([1, 2, 3]);
  }, 600_000);

  test('begins with the weights of another model of the same configuration', async () => {
    await loadBackend();
    const folder = await mkdtemp(join(tmpdir(), 'hearken-from-'));
    const source = await tones(folder);
    const { config } = await openSpeechRecipe(source);
    const weights = initRecognizer(config, Random.seeded(99));
    await writeCheckpoint(join(folder, 'other'), { config, weights });
    const [begun, afresh] = [join(folder, 'begun'), join(folder, 'afresh')];
    await trainModel(source, { directory: begun, from: join(folder, 'other'), steps: 1 });
    await trainModel(source, { directory: afresh, steps: 1 });
    const distance = async (directory: string): Promise<number> =>
      largestDifference((await readCheckpoint(directory)).weights, weights);
    expect(await distance(begun)).toBeLessThan(1e-3); // one update of the warm-up
    expect(await distance(afresh)).toBeGreaterThan(0.1);
  }, 600_000);

  test('refuses to begin with weights of another configuration, and names the first', async () => {
    await loadBackend();
    const folder = await mkdtemp(join(tmpdir(), 'hearken-from-'));
    const source = await tones(folder);
    const { config } = await openSpeechRecipe(source);
    const wider = { ...config, encoder: { ...config.encoder, layers: config.encoder.layers + 1 } };
    await writeCheckpoint(join(folder, 'wider'), {
      config: wider,
      weights: initRecognizer(wider, Random.seeded(1)),
    });
    const training = trainModel(source, { directory: join(folder, 'run'), from: join(folder, 'wider'), steps: 1 });
    await expect(training).rejects.toMatchObject({ code: 'model/unexpected-tensor' });
  });

  test('is for speech: a recipe of another task refuses to begin with a model', async () => {
    const recall = { recipe: 'models/salient-recall/recipe.ts' };
    const training = trainRecipe(recall, { directory: join(tmpdir(), 'hearken-never'), from: 'models/codes-en' });
    await expect(training).rejects.toMatchObject({ code: 'training/from' });
  });
});

function largestDifference(some: HostArrays, others: HostArrays): number {
  let worst = 0;
  for (const [name, { data }] of Object.entries(some)) {
    for (const [index, value] of data.entries()) {
      worst = Math.max(worst, Math.abs(value - (others[name]?.data[index] ?? Number.NaN)));
    }
  }
  return worst;
}
