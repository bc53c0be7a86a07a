/**
 * The worker thread in which models compute, so that the thread of the sockets never waits for them. It loads the
 * models, keeps the streams' states and advances all streams of a model that have something to hear together.
 */
import { parentPort, workerData } from 'node:worker_threads';

import { loadEngine } from '../../src/runtime/load-engine.ts';
import { toFailure } from './failure.ts';
import type { EngineThreadData, FromEngine, ToEngine } from './messages.ts';
import { createStreamBatches, type StreamBatches } from './stream-batches.ts';

const data = workerData as EngineThreadData; // `startHearing` gave it
const port = parentPort;
const tell = (message: FromEngine): void => port?.postMessage(message);

/** The models, by id; a second model of the same id was refused by the command line. */
async function load(): Promise<ReadonlyMap<string, StreamBatches>> {
  const models = new Map<string, StreamBatches>();
  for (const { id, folder } of data.models) {
    const engine = await loadEngine(folder, 'cpu');
    models.set(id, createStreamBatches(id, engine, { ...data, tell }));
  }
  return models;
}

try {
  const models = await load();
  const modelOf = new Map<number, StreamBatches>();
  port?.on('message', (message: ToEngine) => {
    if (message.type === 'open') {
      const model = models.get(message.model);
      if (model === undefined) return; // its requests will be told that it is closed
      modelOf.set(message.stream, model);
      model.open(message.stream, message);
      return;
    }
    const model = modelOf.get(message.stream);
    if (message.type === 'close') {
      modelOf.delete(message.stream);
      model?.close(message.stream);
    } else if (model === undefined) {
      const failure = { code: 'stream/closed', message: `Expected an open stream, got stream ${message.stream}` };
      tell({ type: 'answers', answers: [{ request: message.request, failure }] });
    } else model.ask(message.stream, message);
  });
  tell({
    type: 'loaded',
    models: [...models].map(([id, { engine }]) => ({
      id,
      name: engine.config.name,
      language: engine.config.language,
      sampleRate: engine.config.features.sampleRate,
      vocabulary: engine.config.vocabulary,
      memory: engine.config.memory,
      secondsPerVector: engine.secondsPerVector,
    })),
  });
} catch (error) {
  tell({ type: 'refused', failure: toFailure(error) });
}
