import { Worker } from 'node:worker_threads';

/** Starts the worker thread whose file stands beside this one, built or not. */
export function startWorker(name: 'gradient-worker' | 'shard-worker', workerData: unknown): Worker {
  if (import.meta.url.endsWith('.js')) return new Worker(new URL(`./${name}.js`, import.meta.url), { workerData });
  // Unbuilt sources: a worker of Node 20 knows TypeScript only after the loader is registered inside it.
  const source = JSON.stringify(new URL(`./${name}.ts`, import.meta.url).href);
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}); });`;
  return new Worker(start, { eval: true, workerData });
}
