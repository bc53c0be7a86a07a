import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { loadRecipe } from '../../src/training/load-recipe.ts';
import { openModelRecipe } from '../../src/training/model-recipe.ts';

const CODES = 'models/codes-en/recipe.ts';
const RECALL = 'models/salient-recall/recipe.ts';

describe('loadRecipe', () => {
  test('reads the recipes that come with the package, written in TypeScript', async () => {
    expect(await loadRecipe(CODES)).toMatchObject({ config: { name: 'codes-en' }, training: { seed: 7 } });
    expect(await loadRecipe(RECALL)).toMatchObject({ training: { steps: 1_800 } });
  });

  test('says which file is missing', async () => {
    await expect(loadRecipe('nowhere/recipe.ts')).rejects.toMatchObject({ code: 'recipe/missing' });
  });

  test('names what a recipe lacks', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'hearken-recipe-')), 'recipe.js');
    await writeFile(path, 'export default { config: {}, training: {} };');
    await expect(loadRecipe(path)).rejects.toMatchObject({
      code: 'recipe/invalid',
      message: expect.stringContaining('`examples`'),
    });
  });
});

describe('openModelRecipe', () => {
  test('refuses a recipe of a task of its own', async () => {
    await expect(openModelRecipe({ recipe: RECALL })).rejects.toMatchObject({ code: 'recipe/invalid' });
  });
});
