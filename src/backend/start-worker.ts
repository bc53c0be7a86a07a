import { Worker } from 'node:worker_threads';

/** Starts the worker thread in the file `name` beside the module at `url` (an `import.meta.url`), built or not. */
export function startWorker(url: string, name: string, workerData: unknown): Worker {
  if (url.endsWith('.js')) return new Worker(new URL(`./${name}.js`, url), { workerData });
  // Unbuilt sources: a worker of Node 20 knows TypeScript only after the loader is registered inside it.
  const source = JSON.stringify(new URL(`./${name}.ts`, url).href);
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(start, { eval: true, workerData });
}
