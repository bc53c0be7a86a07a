import { copyFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs-core';

import { HearkenError } from '../errors.ts';
import { assertWeights, readModelCheckpoint, writeCheckpoint } from '../model/checkpoint.ts';
import type { ModelConfig } from '../model/config.ts';
import type { SpeechConfig } from '../model/speech-config.ts';
import type { BackendName } from '../backend/backends.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { Random } from '../tensor/random.ts';
import { TOKENIZER_FILE } from '../text/symbols.ts';
import { openGradientPool } from './gradient-pool.ts';
import { type ModelRecipe, modelTask, openModelRecipe } from './model-recipe.ts';
import type { RecipeSource } from './open-recipe.ts';
import { batchesPerUpdate } from './recipe.ts';
import type { RunState } from './run-state.ts';
import { openShardQueue } from './shard-queue.ts';
import { train, type TrainOptions } from './train.ts';

export type TrainModelOptions = Pick<TrainOptions, 'directory' | 'onStep' | 'onValidation' | 'signal'> & {
  /** Overrides the recipe's number of updates. */ readonly steps?: number;
  /**
   * Folder of a model of the recipe's configuration whose weights a new run begins with. Default: random first weights.
   */
  readonly from?: string;
};

/**
 * Trains as `source` says on the tfjs backend that is set; goes on where a run in `directory` stopped. Leaves the best
 * checkpoint in `directory`. Throws as `readModelCheckpoint` does, and `model/...` where the weights of `from` are not those of the
 * recipe's configuration, naming the tensor.
 */
export async function trainModel(source: RecipeSource, { from, ...options }: TrainModelOptions): Promise<RunState> {
  const recipe = await openModelRecipe(source);
  const { config, training } = recipe;
  const firstWeights = from === undefined ? undefined : await weightsOf(from, config);
  const heldOut = await heldOutOf(recipe.examples);
  const validation = recipe.batchesOf(heldOut, Random.seeded(training.seed), 'validation');
  if (validation.length === 0) {
    throw new HearkenError(
      'training/validation',
      'Expected validation examples long enough for their labels, got none',
    );
  }
  await using queue = openShardQueue(source); // open until the training awaited below is done
  const size = Math.min(batchesPerUpdate(training), availableParallelism());
  await using pool = size > 1 ? openGradientPool(source, tf.getBackend() as BackendName, size) : undefined;
  const task = modelTask(recipe, {
    shard: queue.shard,
    heldOut: validation,
    save: async (folder, weights, provenance) => {
      if (recipe.tokenizer !== undefined) await copyFile(recipe.tokenizer, join(folder, TOKENIZER_FILE));
      await writeCheckpoint(folder, { config: { ...config, training: provenance }, weights });
    },
  });
  const begun = firstWeights === undefined ? task : { ...task, initialWeights: () => firstWeights };
  return await train(begun, {
    ...training,
    ...(pool === undefined ? {} : { gradients: pool.gradients }),
    ...options,
  });
}

/**
 * Opens the held-out examples. Throws `recipe/examples` where the recipe's own code throws, so that it is told from a
 * fault of ours.
 */
async function heldOutOf(examples: ModelRecipe['examples']): Promise<readonly unknown[]> {
  try {
    const { validation } = await examples();
    return await validation();
  } catch (cause) {
    if (cause instanceof HearkenError) throw cause;
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new HearkenError('recipe/examples', `Expected the recipe to give its examples, got ${reason}`, { cause });
  }
}

async function weightsOf(folder: string, config: ModelConfig | SpeechConfig): Promise<HostArrays> {
  const { weights } = await readModelCheckpoint(folder);
  assertWeights(config, weights);
  return weights;
}
