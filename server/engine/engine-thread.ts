/**
 * The worker thread in which models compute, so that the thread of the sockets never waits for them. It loads the
 * models, keeps the streams' states and advances all streams of a model that have something to hear together.
 */
import { parentPort, workerData } from 'node:worker_threads';

import { loadEngine } from '../../src/runtime/load-engine.ts';
import { isTokenModel, loadTokenEngine } from '../../src/runtime/load-token-model.ts';
import { toFailure } from './failure.ts';
import type {
  EngineThreadData,
  FromEngine,
  OpenStream,
  OpenTokens,
  ServedModel,
  ServedTokenModel,
  ToEngine,
} from './messages.ts';
import { createStreamBatches, type StreamBatches } from './stream-batches.ts';
import { speechStreams, tokenStreams } from './stream-kinds.ts';

const data = workerData as EngineThreadData; // `startHearing` gave it
const port = parentPort;
const tell = (message: FromEngine): void => port?.postMessage(message);

type Loaded = {
  readonly speech: Map<string, StreamBatches<OpenStream>>;
  readonly tokens: Map<string, StreamBatches<OpenTokens>>;
  readonly served: { readonly speech: ServedModel[]; readonly tokens: ServedTokenModel[] };
};

/** The models, by id; a second model of the same id was refused by the command line. */
async function load(): Promise<Loaded> {
  const loaded: Loaded = { speech: new Map(), tokens: new Map(), served: { speech: [], tokens: [] } };
  const options = { ...data, tell };
  for (const { id, folder } of data.models) {
    if (await isTokenModel(folder)) {
      const engine = await loadTokenEngine(folder);
      loaded.tokens.set(id, createStreamBatches(id, await tokenStreams(engine), options));
      const { alphabetSize, labelCount } = engine.config;
      loaded.served.tokens.push({ id, alphabetSize, labelCount });
    } else {
      const engine = await loadEngine(folder, 'cpu');
      loaded.speech.set(id, createStreamBatches(id, speechStreams(engine), options));
      const { name, language, vocabulary, features, memory } = engine.config;
      const { secondsPerVector } = engine;
      loaded.served.speech.push({
        id,
        name,
        language,
        vocabulary,
        sampleRate: features.sampleRate,
        memory,
        secondsPerVector,
      });
    }
  }
  return loaded;
}

try {
  const { speech, tokens, served } = await load();
  const modelOf = new Map<number, Pick<StreamBatches<never>, 'ask' | 'close'>>();
  const open = <Open>(stream: number, message: Open, model: StreamBatches<Open> | undefined): void => {
    if (model === undefined) return; // its requests will be told that it is closed
    modelOf.set(stream, model);
    model.open(stream, message);
  };
  port?.on('message', (message: ToEngine) => {
    if (message.type === 'end') {
      for (const [stream, model] of modelOf) model.close(stream);
      port.close(); // nothing keeps the thread now but what it computes
      return;
    }
    if (message.type === 'open') {
      open(message.stream, message, speech.get(message.model));
      return;
    }
    if (message.type === 'openTokens') {
      open(message.stream, message, tokens.get(message.model));
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
  tell({ type: 'loaded', models: served });
} catch (error) {
  tell({ type: 'refused', failure: toFailure(error) });
}
