/**
 * The models inside the engine's thread. A model may be loaded again while it is heard: streams stay with the weights that
 * their state belongs to, new ones get the new weights, and the old ones are freed when their last stream has ended.
 */
import type { Executor } from '../../src/cell/executor.ts';
import { HearkenError } from '../../src/errors.ts';
import { fingerprintOf, loadEngine } from '../../src/recognizer/engine.ts';
import { isTokenModel, loadTokenEngine, tokenFingerprintOf } from '../../src/tokens/model.ts';
import {
  toFailure,
  type AnyServedModel,
  type FromEngine,
  type ModelSource,
  type OpenMessage,
  type Reloaded,
  type ToEngine,
} from './protocol.ts';
import { createStreamBatches, type StreamBatches, type StreamBatchesOptions } from './scheduler.ts';
import { speechStreams, tokenStreams } from './streams.ts';

type ServedModels = {
  readonly served: () => readonly AnyServedModel[];
  readonly take: (message: Exclude<ToEngine, { type: 'reload' | 'end' }>) => void;
  /** Loads every model again; what has changed is served beside the old one until that is retired. Never rejects. */
  readonly reload: () => Promise<readonly Reloaded[]>;
  /** Closes all streams. */ readonly end: () => void;
};

type ServedModelsOptions = {
  readonly load: ModelLoader;
  readonly tell: (message: FromEngine) => void;
};

/** A model in one version of its weights, and who is heard by it. */
type Generation = {
  readonly model: LoadedModel;
  readonly streams: Set<number>;
  /** Whether no more streams will come. */ isRetired: boolean;
};

/** Of `sources`, whose ids are distinct. Rejects as `load` does. */
export async function loadServedModels(
  sources: readonly ModelSource[],
  { load, tell }: ServedModelsOptions,
): Promise<ServedModels> {
  const current = new Map<string, Generation>(); // by id
  const named = new Map<string, Generation>(); // by id and version, while streams may be opened
  const generationOf = new Map<number, Generation>();

  const serve = (model: LoadedModel): AnyServedModel => {
    const { id, version } = model.served;
    const generation: Generation = { model, streams: new Set(), isRetired: false };
    current.set(id, generation);
    named.set(nameOf(id, version), generation);
    return model.served;
  };
  const freeUnused = async ({ model, streams, isRetired }: Generation): Promise<void> => {
    if (!isRetired || streams.size > 0) return;
    await model[Symbol.asyncDispose]();
    tell({ type: 'freed', model: model.served.id, version: model.served.version });
  };
  const reloadOne = async (source: ModelSource): Promise<Reloaded> => {
    const { id } = source;
    try {
      const model = await load(source);
      if (model.served.version !== current.get(id)?.model.served.version) {
        return { id, outcome: 'changed', model: serve(model) };
      }
      await model[Symbol.asyncDispose]();
      return { id, outcome: 'unchanged' };
    } catch (error) {
      return { id, outcome: 'refused', failure: toFailure(error) };
    }
  };
  const retire = (model: string, version: string): void => {
    const name = nameOf(model, version);
    const old = named.get(name);
    if (old === undefined) return;
    named.delete(name);
    old.isRetired = true;
    void freeUnused(old);
  };
  const open = (message: OpenMessage): void => {
    const opened = named.get(nameOf(message.model, message.version));
    if (opened === undefined) return; // its requests will be told that it is closed
    generationOf.set(message.stream, opened);
    opened.streams.add(message.stream);
    opened.model.open(message);
  };
  const close = (stream: number): void => {
    const owner = generationOf.get(stream);
    if (owner === undefined) return;
    generationOf.delete(stream);
    owner.model.close(stream);
    owner.streams.delete(stream);
    void freeUnused(owner);
  };

  for (const source of sources) serve(await load(source));
  return {
    served: () => [...current.values()].map(({ model }) => model.served),
    reload: async () => {
      const reloaded: Reloaded[] = [];
      for (const source of sources) reloaded.push(await reloadOne(source)); // one at a time: streams are being heard
      return reloaded;
    },
    take: (message) => {
      if (message.type === 'retire') retire(message.model, message.version);
      else if (message.type === 'open' || message.type === 'openTokens') open(message);
      else if (message.type === 'close') close(message.stream);
      else {
        const owner = generationOf.get(message.stream);
        if (owner !== undefined) {
          owner.model.ask(message.stream, message);
          return;
        }
        const closed = new HearkenError('stream/closed', `Expected an open stream, got stream ${message.stream}`);
        tell({ type: 'answers', answers: [{ request: message.request, failure: toFailure(closed) }] });
      }
    },
    end: () => {
      for (const [stream, { model }] of generationOf) model.close(stream);
    },
  };
}

function nameOf(id: string, version: string): string {
  return `${id} ${version}`;
}

/* Loads a model of either kind into the engine's thread. */

/** A model in one version of its weights, which it frees when it is disposed of. */
type LoadedModel = AsyncDisposable &
  Pick<StreamBatches<never>, 'ask' | 'close'> & {
    readonly served: AnyServedModel;
    /** The message is for a model of its kind. */ readonly open: (message: OpenMessage) => void;
  };

type ModelLoader = (source: ModelSource) => Promise<LoadedModel>;

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
      const { name, language, vocabulary, features, memory, decoding } = engine.config;
      const { fingerprint: version, secondsPerVector } = engine;
      const { sampleRate } = features;
      const { pauseMs, blankThreshold } = decoding.endpointing;
      return {
        ...streams,
        served: {
          kind: 'speech',
          id,
          version,
          name,
          language,
          vocabulary,
          sampleRate,
          memory,
          secondsPerVector,
          endpointing: { pauseMs, blankThreshold },
        },
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
