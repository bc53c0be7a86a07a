import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { HearkenError } from '../errors.ts';
import { assertRecipe, type Recipe } from './recipe.ts';

/** The default export of the recipe file at `path` (.ts or .js). Throws `recipe/missing` and `recipe/invalid`. */
export async function loadRecipe(path: string): Promise<Recipe> {
  const file = resolve(path);
  await stat(file).catch(() => {
    throw new HearkenError('recipe/missing', `Expected a recipe file, got ${path}, which does not exist`);
  });
  const url = pathToFileURL(file).href;
  const loaded: unknown = file.endsWith('.ts') ? await importTypeScript(url) : await import(url);
  const recipe = (loaded as { default?: object }).default ?? {};
  for (const field of 'task' in recipe ? ['task', 'training'] : ['config', 'training', 'examples']) {
    if (!(field in recipe)) {
      throw new HearkenError(
        'recipe/invalid',
        `Expected ${path} to export default a recipe with \`${field}\`, got none`,
      );
    }
  }
  try {
    assertRecipe(recipe as Recipe); // each field was seen above; `config` is validated where it is used
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    throw new HearkenError('recipe/invalid', `${error.message} (${path})`, { cause: error });
  }
  return recipe as Recipe; // as was just seen
}

/** Node 20 reads TypeScript only through a loader. */
async function importTypeScript(url: string): Promise<unknown> {
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(url, import.meta.url);
}
