/**
 * The worker thread in which models compute, so that the thread of the sockets never waits for them. It loads the
 * models, keeps the streams' states and advances all streams of a model that have something to hear together.
 */
import { parentPort, workerData } from 'node:worker_threads';

import { toFailure } from './protocol.ts';
import { createModelLoader } from './models.ts';
import type { EngineThreadData, FromEngine, ToEngine } from './protocol.ts';
import { loadServedModels } from './models.ts';

const data = workerData as EngineThreadData; // `startEngine` gave it
const port = parentPort;
const tell = (message: FromEngine): void => port?.postMessage(message);

try {
  const models = await loadServedModels(data.models, { load: createModelLoader({ ...data, tell }), tell });
  const reload = async (request: number): Promise<void> =>
    tell({ type: 'answers', answers: [{ request, reloaded: await models.reload() }] });
  port?.on('message', (message: ToEngine) => {
    if (message.type === 'end') {
      models.end();
      port.close(); // nothing keeps the thread now but what it computes
    } else if (message.type === 'reload') void reload(message.request);
    else models.take(message);
  });
  tell({ type: 'loaded', models: models.served() });
} catch (error) {
  tell({ type: 'refused', failure: toFailure(error) });
}
