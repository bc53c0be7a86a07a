import { loadRecipe } from './load-recipe.ts';
import { type ManifestOptions, manifestRecipe } from './manifest-recipe.ts';
import type { Recipe } from './recipe.ts';

/** Where a recipe comes from, as plain data that a worker thread can be sent. */
export type RecipeSource = { readonly recipe: string } | { readonly manifest: ManifestOptions };

/** Loads the recipe file or makes the recipe of a manifest. Throws `recipe/...` or `manifest/...`. */
export function openRecipe(source: RecipeSource): Promise<Recipe> {
  return 'recipe' in source ? loadRecipe(source.recipe) : manifestRecipe(source.manifest);
}
