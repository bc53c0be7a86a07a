import { loadRecipe } from './load-recipe.ts';
import { type ManifestOptions, manifestRecipe } from './manifest-recipe.ts';
import type { SpeechRecipe } from './recipe.ts';

/** Where a recipe comes from, as plain data that a worker thread can be sent. */
export type RecipeSource = { readonly recipe: string } | { readonly manifest: ManifestOptions };

/** Throws `recipe/...` or `manifest/...`. */
export function openRecipe(source: RecipeSource): Promise<SpeechRecipe> {
  return 'recipe' in source ? loadRecipe(source.recipe) : manifestRecipe(source.manifest);
}
