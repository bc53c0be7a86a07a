/** Worker thread that computes the gradients of one batch at a time, on a tfjs backend of its own. */
import { parentPort, workerData } from 'node:worker_threads';

import { type BackendName, loadBackend } from '../backend/backends.ts';
import type { HostArrays } from '../tensor/host-array.ts';
import { type BatchPosition, type Gradients, gradientsAt } from './gradients.ts';
import { openModelRecipe } from './model-recipe.ts';
import type { RecipeSource } from './open-recipe.ts';

export type GradientWorkerData = { readonly source: RecipeSource; readonly backend: BackendName };

export type GradientRequest = {
  readonly weights: HostArrays;
  readonly batch: unknown;
  readonly at: BatchPosition;
};

export type GradientReply = { readonly result: Gradients } | { readonly failure: string };

const { source, backend } = workerData as GradientWorkerData;
const port = parentPort;
const opened = loadBackend(backend).then(() => openModelRecipe(source));

port?.on('message', (request: GradientRequest) => {
  reply(request).catch((error: unknown) => {
    port?.postMessage({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  });
});

async function reply({ weights, batch, at }: GradientRequest): Promise<void> {
  const { loss } = await opened;
  const result = await gradientsAt(loss, weights, batch, at);
  port?.postMessage({ result } satisfies GradientReply);
}
