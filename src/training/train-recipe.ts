import { openRecipe, type RecipeSource } from './open-recipe.ts';
import type { RunState } from './run-state.ts';
import { train } from './train.ts';
import { trainSpeech, type TrainSpeechOptions } from './train-speech.ts';

/** Trains whatever the recipe says on the tfjs backend that is set, as `train` does. */
export async function trainRecipe(source: RecipeSource, options: TrainSpeechOptions): Promise<RunState> {
  const recipe = await openRecipe(source);
  return 'task' in recipe ? train(recipe.task, { ...recipe.training, ...options }) : trainSpeech(source, options);
}
