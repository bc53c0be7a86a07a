import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

/**
 * The heap of threads that start from now on may grow by so much before it is searched as a whole. The garbage of a thread
 * that computes is arrays that are dead as soon as a call has ended; V8 counts them all the same, and by default marks the
 * whole heap after every few calls, which takes a third of the processor time of streams.
 */
const HEAP_FLAG = '--initial-old-space-size=64';

/** Starts the worker thread in the file `name` beside the module at `url` (an `import.meta.url`), built or not. */
export function startWorker(url: string, name: string, workerData: unknown): Worker {
  setFlagsFromString(HEAP_FLAG);
  if (url.endsWith('.js')) return new Worker(new URL(`./${name}.js`, url), { workerData });
  // Unbuilt sources: a worker of Node 20 knows TypeScript only after the loader is registered inside it.
  const source = JSON.stringify(new URL(`./${name}.ts`, url).href);
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(start, { eval: true, workerData });
}
