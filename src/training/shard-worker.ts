/** Worker thread that makes shards of batches ahead of training: synthesis, augmentation and features off the main thread. */
import { parentPort, workerData } from 'node:worker_threads';

import { Random } from '../tensor/random.ts';
import { openSpeechRecipe, type RecipeSource } from './open-recipe.ts';
import { speechBatches } from './speech-batches.ts';

export type ShardWorkerData = { readonly source: RecipeSource };

const { source } = workerData as ShardWorkerData;
const port = parentPort;
const opened = openSpeechRecipe(source).then(async (recipe) => ({ recipe, examples: await recipe.examples() }));

let last: Promise<void> = Promise.resolve();
port?.on('message', (index: number) => {
  last = last.then(() => reply(index)); // one after the other, so that the first asked for is the first made
});

async function reply(index: number): Promise<void> {
  try {
    const batches = await makeShard(index);
    port?.postMessage(
      { index, batches },
      batches.map(({ frames }) => frames.buffer as ArrayBuffer),
    );
  } catch (error) {
    port?.postMessage({ index, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

async function makeShard(index: number): Promise<ReturnType<typeof speechBatches>> {
  const { recipe, examples } = await opened;
  return speechBatches(
    await examples.shard(index),
    recipe.config,
    recipe.training,
    Random.seeded(recipe.training.seed + index),
  );
}
