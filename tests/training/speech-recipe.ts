import { openRecipe, type RecipeSource } from '../../src/training/open-recipe.ts';
import { type AudioRecipe, isSequenceRecipe, type SpeechRecipe } from '../../src/training/recipe.ts';

/** Opens a recipe of speech; throws where it trains anything else. */
export async function openSpeechRecipe(source: RecipeSource): Promise<SpeechRecipe> {
  const recipe = await openRecipe(source);
  if ('task' in recipe || isSequenceRecipe(recipe)) throw new Error('Expected a recipe of speech');
  if (!isOfFirstVersion(recipe)) throw new Error('Expected a configuration of version 1');
  return recipe;
}

function isOfFirstVersion(recipe: SpeechRecipe | AudioRecipe): recipe is SpeechRecipe {
  return recipe.config.version === 1;
}
