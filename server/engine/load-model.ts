/** Loads a model of either kind into the engine's thread. */
import { HearkenError } from '../../src/errors.ts';
import type { Executor } from '../../src/runtime/executor.ts';
import { fingerprintOf, loadEngine } from '../../src/runtime/load-engine.ts';
import { isTokenModel, loadTokenEngine, tokenFingerprintOf } from '../../src/runtime/load-token-model.ts';
import type { AnyServedModel, ModelSource, OpenMessage } from './messages.ts';
import { createStreamBatches, type StreamBatches, type StreamBatchesOptions } from './stream-batches.ts';
import { speechStreams, tokenStreams } from './stream-kinds.ts';

/** A model in one version of its weights, which it frees when it is disposed of. */
export type LoadedModel = AsyncDisposable &
  Pick<StreamBatches<never>, 'ask' | 'close'> & {
    readonly served: AnyServedModel;
    /** The message is for a model of its kind. */ readonly open: (message: OpenMessage) => void;
  };

export type ModelLoader = (source: ModelSource) => Promise<LoadedModel>;

/**
 * What it gives rejects as `loadEngine` and `loadTokenEngine` do, and with `model/changing` where files of the folder were
 * replaced meanwhile: the next try will find them whole.
 */
export function createModelLoader(options: StreamBatchesOptions): ModelLoader {
  let backend: Promise<unknown> | undefined; // streams compute on it: it is not chosen a second time under them
  const loadTokens = async ({ id, folder }: ModelSource): Promise<LoadedModel> => {
    const engine = await loadTokenEngine(folder, (loadBackend) => (backend ??= loadBackend()));
    return whole(engine.executor, async () => {
      assertSettled(folder, engine.fingerprint, await tokenFingerprintOf(folder));
      const streams = createStreamBatches(id, await tokenStreams(engine), options);
      const { alphabetSize, labelCount } = engine.config;
      return {
        ...streams,
        served: { kind: 'tokens', id, version: engine.fingerprint, alphabetSize, labelCount },
        open: (message) => message.type === 'openTokens' && streams.open(message.stream, message),
        [Symbol.asyncDispose]: () => engine.executor[Symbol.asyncDispose](),
      };
    });
  };
  const loadSpeech = async ({ id, folder }: ModelSource): Promise<LoadedModel> => {
    const engine = await loadEngine(folder, 'cpu');
    return whole(engine.executor, async () => {
      assertSettled(folder, engine.fingerprint, await fingerprintOf(folder));
      const streams = createStreamBatches(id, speechStreams(engine), options);
      const { name, language, vocabulary, features, memory } = engine.config;
      const { fingerprint: version, secondsPerVector } = engine;
      const { sampleRate } = features;
      return {
        ...streams,
        served: { kind: 'speech', id, version, name, language, vocabulary, sampleRate, memory, secondsPerVector },
        open: (message) => message.type === 'open' && streams.open(message.stream, message),
        [Symbol.asyncDispose]: () => engine.executor[Symbol.asyncDispose](),
      };
    });
  };
  return async (source) => ((await isTokenModel(source.folder)) ? loadTokens(source) : loadSpeech(source));
}

/** What `make` gives; where it fails, the weights are freed. */
async function whole<T>(executor: Executor, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    await executor[Symbol.asyncDispose]();
    throw error;
  }
}

function assertSettled(folder: string, loaded: string, found: string): void {
  if (loaded === found) return;
  const expected = `Expected the files in ${folder} to stay while they are loaded`;
  throw new HearkenError('model/changing', `${expected}, got others`);
}
