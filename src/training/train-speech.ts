import { HearkenError } from '../errors.ts';
import { Random } from '../tensor/random.ts';
import { loadRecipe } from './load-recipe.ts';
import type { RunState } from './run-state.ts';
import { openShardQueue } from './shard-queue.ts';
import { speechBatches } from './speech-batches.ts';
import { speechTask } from './speech-task.ts';
import { train, type TrainOptions } from './train.ts';

export type TrainSpeechOptions = Pick<TrainOptions, 'directory' | 'onStep' | 'onValidation' | 'signal'> & {
  /** Overrides the recipe's number of updates. */ readonly steps?: number;
};

/**
 * Runs the recipe at `recipePath` on the tfjs backend that is set; goes on where a run in `directory` stopped. Leaves the
 * best checkpoint in `directory`.
 */
export async function trainSpeech(recipePath: string, options: TrainSpeechOptions): Promise<RunState> {
  const { config, training, examples } = await loadRecipe(recipePath);
  const source = await examples();
  const validation = speechBatches(await source.validation(), config, training, Random.seeded(training.seed), false);
  if (validation.length === 0) {
    throw new HearkenError('training/validation', 'Expected validation examples long enough for their labels, got none');
  }
  await using queue = openShardQueue(recipePath);
  const { steps, learningRate, warmup, seed, validateEvery, optimizer } = training;
  return train(speechTask({ config, training, batches: queue.shard, validation }), {
    steps,
    learningRate,
    warmup,
    seed,
    validateEvery,
    ...(optimizer === undefined ? {} : { optimizer }),
    ...options,
  });
}
