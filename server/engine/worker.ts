/**
 * The worker thread in which models compute, so that the thread of the sockets never waits for them. It loads the
 * models, keeps the streams' states and advances all streams of a model that have something to recognize together.
 */
import { parentPort, workerData } from 'node:worker_threads';

import { createModelLoader, loadServedModels } from './models.ts';
import {
  type Answer,
  type BatchReport,
  type EngineThreadData,
  type FromEngine,
  toFailure,
  type ToEngine,
} from './protocol.ts';

const data = workerData as EngineThreadData; // `startEngine` gave it
const port = parentPort;
const send = (message: FromEngine): void => port?.postMessage(message);

/** Answers to send at the end of the turn: those of a batch go together, with the report on it. */
let answers: Answer[] = [];
let batch: BatchReport | undefined;
const sendTurn = (): void => {
  if (answers.length === 0 && batch === undefined) return;
  send({ type: 'answers', answers, ...(batch && { batch }) });
  [answers, batch] = [[], undefined];
};
const answer = (one: Answer): void => {
  if (answers.length === 0) queueMicrotask(sendTurn);
  answers.push(one);
};
const onBatch = (report: BatchReport): void => {
  if (batch !== undefined) sendTurn();
  batch = report;
  queueMicrotask(sendTurn);
};

try {
  const models = await loadServedModels(data.models, { load: createModelLoader({ ...data, onBatch }), send, answer });
  const reload = async (request: number): Promise<void> => answer({ request, reloaded: await models.reload() });
  port?.on('message', (message: ToEngine) => {
    if (message.type === 'end') {
      models.end();
      port.close(); // nothing keeps the thread now but what it computes
    } else if (message.type === 'reload') void reload(message.request);
    else models.take(message);
  });
  send({ type: 'loaded', models: models.served() });
} catch (error) {
  send({ type: 'refused', failure: toFailure(error) });
}
