import { openRecipe, type RecipeSource } from '../../src/training/open-recipe.ts';
import { isSequenceRecipe, type SpeechRecipe } from '../../src/training/recipe.ts';

/** Opens a recipe of speech; throws where it trains anything else. */
export async function openSpeechRecipe(source: RecipeSource): Promise<SpeechRecipe> {
  const recipe = await openRecipe(source);
  if ('task' in recipe || isSequenceRecipe(recipe)) throw new Error('Expected a recipe of speech');
  const { config, ...rest } = recipe;
  if (config.version !== 1) throw new Error('Expected a configuration of version 1');
  return { config, ...rest };
}
