import { HearkenError } from '../errors.ts';
import { openRecipe, type RecipeSource } from './open-recipe.ts';
import type { RunState } from './run-state.ts';
import { train } from './train.ts';
import { trainModel, type TrainModelOptions } from './train-model.ts';

/**
 * Trains whatever the recipe says on the tfjs backend that is set, as `train` does. Throws `training/from` where weights to begin
 * with are given to a recipe of a task of its own.
 */
export async function trainRecipe(source: RecipeSource, options: TrainModelOptions): Promise<RunState> {
  const recipe = await openRecipe(source);
  if (!('task' in recipe)) return trainModel(source, options);
  if (options.from !== undefined) {
    throw new HearkenError(
      'training/from',
      `Expected a recipe of a model to train on from ${options.from}, got another task`,
    );
  }
  return train(recipe.task, { ...recipe.training, ...options });
}
