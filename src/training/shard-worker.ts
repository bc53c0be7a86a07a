/** Worker thread that makes shards of batches ahead of training: synthesis, augmentation and features off the main thread. */
import { parentPort, workerData } from 'node:worker_threads';

import { Random } from '../tensor/random.ts';
import { openModelRecipe } from './model-recipe.ts';
import type { RecipeSource } from './open-recipe.ts';

export type ShardWorkerData = { readonly source: RecipeSource };

const { source } = workerData as ShardWorkerData;
const port = parentPort;
const opened = openModelRecipe(source).then(async (recipe) => ({ recipe, examples: await recipe.examples() }));

let last: Promise<void> = Promise.resolve();
port?.on('message', (index: number) => {
  last = last.then(() => reply(index)); // one after the other, so that the first asked for is the first made
});

async function reply(index: number): Promise<void> {
  try {
    const batches = await makeShard(index);
    port?.postMessage({ index, batches }, batches.flatMap(buffersOf));
  } catch (error) {
    port?.postMessage({ index, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

/** The memory of a batch's largest arrays, which moves to the other thread. */
function buffersOf(batch: unknown): ArrayBuffer[] {
  const arrays = Object.values(batch as object).filter((value) => ArrayBuffer.isView(value)); // batches are objects
  return arrays.map(({ buffer }) => buffer as ArrayBuffer); // made in this thread, shared with none
}

async function makeShard(index: number): Promise<readonly unknown[]> {
  const { recipe, examples } = await opened;
  return recipe.batchesOf(await examples.shard(index), Random.seeded(recipe.training.seed + index), 'training');
}
