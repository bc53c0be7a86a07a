import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { HearkenError } from '../errors.ts';
import type { SpeechConfig } from '../model/speech-config.ts';
import { withNewFields } from '../model/old-names.ts';
import { assertRecipe, type AudioRecipe, type Recipe, type SequenceRecipe, type SpeechRecipe } from './recipe.ts';

const TYPESCRIPT = ['.ts', '.mts', '.cts'];
const JAVASCRIPT = ['.js', '.mjs', '.cjs'];

/**
 * The default export of the recipe file at `path` (.ts or .js). Throws `recipe/missing`, and `recipe/invalid` where the file
 * throws or exports something else.
 */
export async function loadRecipe(path: string): Promise<Recipe> {
  const file = resolve(path);
  const found = await stat(file).catch(() => {
    throw new HearkenError('recipe/missing', `Expected a recipe file, got ${path}, which does not exist`);
  });
  if (!found.isFile() || ![...TYPESCRIPT, ...JAVASCRIPT].includes(extname(file))) {
    throw new HearkenError('recipe/invalid', `Expected a recipe file, .ts or .js, got ${path}`);
  }
  const loaded = await importModule(file).catch((cause: unknown) => {
    throw new HearkenError('recipe/invalid', `Expected ${path} to load as a recipe, got ${reasonOf(cause)}`, { cause });
  });
  const { default: recipe } = loaded as { default?: unknown }; // a module
  if (typeof recipe !== 'object' || recipe === null) {
    throw new HearkenError('recipe/invalid', `Expected ${path} to export default a recipe, got ${typeof recipe}`);
  }
  try {
    assertRecipe(recipe as Recipe); // looks at every field; `config` is validated where it is used
  } catch (error) {
    if (!(error instanceof HearkenError)) throw error;
    throw new HearkenError('recipe/invalid', `${error.message} (${path})`, { cause: error });
  }
  return withNewNames(recipe as Recipe); // as was just seen
}

/** `recipe`, whose configuration may have fields under the names that they had before. */
function withNewNames(recipe: Recipe): Recipe {
  if (!('config' in recipe) || !isOfFirstVersion(recipe)) return recipe;
  const config = withNewFields(recipe.config) as SpeechConfig; // validated where it is used
  return { config, training: recipe.training, examples: () => recipe.examples() };
}

function isOfFirstVersion(recipe: SpeechRecipe | AudioRecipe | SequenceRecipe): recipe is SpeechRecipe {
  return !('source' in recipe.config);
}

async function importModule(file: string): Promise<unknown> {
  const url = pathToFileURL(file).href;
  if (JAVASCRIPT.includes(extname(file))) return import(url);
  // Node 20 reads TypeScript only through a loader.
  const { tsImport } = await import('tsx/esm/api');
  return tsImport(url, import.meta.url);
}

/** What was thrown, with the place in the recipe, on one line. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const place = /\(?(?:file:\/\/)?(\/[^()\s]+:\d+:\d+)\)?/.exec(cause.stack?.slice(cause.message.length) ?? '')?.[1];
  return `${cause.name}: ${cause.message}${place === undefined ? '' : ` at ${place}`}`.replace(/\s+/g, ' ');
}
