import { HearkenError } from '../errors.ts';
import { startWorker } from '../backend/start-worker.ts';
import type { RecipeSource } from './open-recipe.ts';
import type { ShardWorkerData } from './shard-worker.ts';

/** Shards of batches made by a worker thread, a bounded number ahead of the one asked for. */
export type ShardQueue = AsyncDisposable & { readonly shard: (index: number) => Promise<readonly unknown[]> };

type ShardReply = { readonly index: number } & (
  | { readonly batches: unknown[]; readonly failure?: undefined }
  | { readonly failure: string }
);

type Waiting = {
  promise: Promise<readonly unknown[]>;
  resolve: (batches: unknown[]) => void;
  reject: (error: Error) => void;
};

/** A promise with its resolvers, as `Promise.withResolvers`, which Node 20 has not. */
function pending(): Waiting {
  let resolve: Waiting['resolve'] = () => undefined;
  let reject: Waiting['reject'] = () => undefined;
  const promise = new Promise<readonly unknown[]>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** Number of shards made before they are asked for: one is trained on while the next two are made. */
const AHEAD = 2;

/** Starts the worker for a recipe. A shard rejects with `training/shard` where it cannot be made. */
export function openShardQueue(source: RecipeSource): ShardQueue {
  const worker = startWorker(import.meta.url, 'shard-worker', { source } satisfies ShardWorkerData);
  const shards = new Map<number, Waiting>();
  worker.on('message', (reply: ShardReply) => {
    const waiting = shards.get(reply.index);
    if (reply.failure === undefined) waiting?.resolve(reply.batches);
    else
      waiting?.reject(
        new HearkenError('training/shard', `Expected shard ${reply.index} to be made, got ${reply.failure}`),
      );
  });
  let ended: Error | undefined;
  const end = (error: Error): void => {
    ended ??= error;
    for (const waiting of shards.values()) waiting.reject(ended);
  };
  worker.on('error', end);
  worker.on('exit', () => end(new HearkenError('training/shard', 'Expected the shard worker to run, got its exit')));

  const request = (index: number): Waiting => {
    const known = shards.get(index);
    if (known) return known;
    const waiting = pending();
    waiting.promise.catch(() => undefined); // whoever awaits the shard sees the failure; one made ahead has nobody yet
    shards.set(index, waiting);
    if (ended) waiting.reject(ended);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
    worker.postMessage(index);
    return waiting;
  };
  return {
    shard: async (index) => {
      for (const old of shards.keys()) if (old < index) shards.delete(old);
      const { promise } = request(index);
      for (let ahead = 1; ahead <= AHEAD; ahead++) request(index + ahead);
      return promise;
    },
    [Symbol.asyncDispose]: async () => {
      end(new HearkenError('training/shard', 'Expected an open queue, got one that was disposed of'));
      worker.removeAllListeners();
      await worker.terminate();
    },
  };
}
