import { loadRecipe } from './load-recipe.ts';
import { type ManifestOptions, manifestRecipe } from './manifest-recipe.ts';
import { HearkenError } from '../errors.ts';
import { isSequenceRecipe, type Recipe, type SpeechRecipe } from './recipe.ts';

/** Where a recipe comes from, as plain data that a worker thread can be sent. */
export type RecipeSource = { readonly recipe: string } | { readonly manifest: ManifestOptions };

/** Loads the recipe file or makes the recipe of a manifest. Throws `recipe/...` or `manifest/...`. */
export function openRecipe(source: RecipeSource): Promise<Recipe> {
  return 'recipe' in source ? loadRecipe(source.recipe) : manifestRecipe(source.manifest);
}

/** Opens a recipe as `openRecipe` does; throws `recipe/invalid` where it trains anything but speech. */
export async function openSpeechRecipe(source: RecipeSource): Promise<SpeechRecipe> {
  const recipe = await openRecipe(source);
  if ('task' in recipe || isSequenceRecipe(recipe))
    throw new HearkenError('recipe/invalid', 'Expected a recipe of speech, got one of another task');
  return recipe;
}
