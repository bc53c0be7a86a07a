/**
 * Gradients of several batches at once, a worker thread each. The kernels of these small models gain nothing from a
 * second core (an LSTM of 192 units multiplies 32 rows at a time), so a machine's cores are best used a batch each.
 */
import type { Worker } from 'node:worker_threads';

import { HearkenError } from '../errors.ts';
import type { BackendName } from '../backend/backends.ts';
import { startWorker } from '../backend/start-worker.ts';
import type { Gradients, GradientSource } from './gradients.ts';
import type { GradientReply, GradientRequest, GradientWorkerData } from './gradient-worker.ts';
import type { RecipeSource } from './open-recipe.ts';

export type GradientPool = AsyncDisposable & { readonly gradients: GradientSource<unknown> };

/** Starts `size` workers for the recipe. A gradient rejects with `training/worker` where a worker fails. */
export function openGradientPool(source: RecipeSource, backend: BackendName, size: number): GradientPool {
  const workers = Array.from({ length: size }, () =>
    startWorker(import.meta.url, 'gradient-worker', { source, backend } satisfies GradientWorkerData),
  );
  return {
    gradients: async (weights, batches, at) => {
      const results: Gradients[] = [];
      for (let first = 0; first < batches.length; first += size) {
        const group = batches.slice(first, first + size);
        const requested = group.map((batch, offset) =>
          // A group has as many batches as there are workers, at most.
          ask(workers[offset]!, { weights, batch, at: { ...at, index: first + offset } }),
        );
        results.push(...(await Promise.all(requested)));
      }
      return results;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** One request to a worker that has no other. */
function ask(worker: Worker, request: GradientRequest): Promise<Gradients> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      reject(new HearkenError('training/worker', `Expected gradients of a batch, got ${reason}`));
    const onMessage = (reply: GradientReply): void => {
      worker.off('error', onError).off('exit', onExit);
      if ('result' in reply) resolve(reply.result);
      else fail(reply.failure);
    };
    const onError = (error: Error): void => fail(error.message);
    const onExit = (): void => fail('the exit of its worker');
    worker.once('message', onMessage).once('error', onError).once('exit', onExit);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
    worker.postMessage(request);
  });
}
