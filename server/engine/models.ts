/**
 * The models inside the engine's thread. A model may be loaded again while it is heard: streams stay with the weights that
 * their state belongs to, new ones get the new weights, and the old ones are freed when their last stream has ended.
 */
import type { StreamingDevice } from '../../src/backend/model-executor.ts';
import type { Executor } from '../../src/cell/executor.ts';
import { HearkenError } from '../../src/errors.ts';
import { chosenGrammar } from '../../src/grammar/grammar-choice.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import type { Engine } from '../../src/recognizer/engine.ts';
import type { BatchFigures } from '../../src/recognizer/batched-recognizer.ts';
import { fingerprintOf, loadEngine } from '../../src/recognizer/load-engine.ts';
import type { RecognizerStream } from '../../src/recognizer/recognizer.ts';
import type { StreamSamples } from '../../src/recognizer/request-queue.ts';
import { createSpeechRecognizer, type SpeechOptions } from '../../src/recognizer/speech-recognizer.ts';
import { closedError } from '../../src/recognizer/stream-line.ts';
import { isTokenModel, loadTokenEngine, tokenFingerprintOf } from '../../src/tokens/model.ts';
import { createTokenRecognizer } from '../../src/tokens/recognizer.ts';
import {
  toFailure,
  type Answer,
  type AnyServedModel,
  type BatchReport,
  type FromEngine,
  type ModelSource,
  type OpenMessage,
  type OpenStream,
  type Reloaded,
  type ServedBy,
  type StreamEvent,
  type StreamQuestion,
  type ToEngine,
} from './protocol.ts';
type ServedModels = {
  readonly served: () => readonly AnyServedModel[];
  readonly take: (message: Exclude<ToEngine, { type: 'reload' | 'end' }>) => void;
  /** Loads every model again; what has changed is served beside the old one until that is retired. Never rejects. */
  readonly reload: () => Promise<readonly Reloaded[]>;
  /** Closes all streams. */ readonly end: () => void;
};

type ServedModelsOptions = {
  readonly load: ModelLoader;
  readonly send: (message: FromEngine) => void;
  readonly answer: (answer: Answer) => void;
};

/** A model in one version of its weights, and how many streams it recognizes. */
type Generation = {
  readonly model: LoadedModel;
  streamCount: number;
  /** Whether no more streams will come. */ isRetired: boolean;
};

/** A stream of any model. */
type AnyStream = RecognizerStream<StreamSamples, StreamEvent>;

/** Loads the models of `sources`, whose ids are distinct. Rejects as `load` does. */
export async function loadServedModels(
  sources: readonly ModelSource[],
  { load, send, answer }: ServedModelsOptions,
): Promise<ServedModels> {
  const current = new Map<string, Generation>(); // by id
  const named = new Map<string, Generation>(); // by id and version, while streams may be opened
  const streams = new Map<number, { readonly stream: AnyStream; readonly owner: Generation }>();

  const serve = (model: LoadedModel): AnyServedModel => {
    const { id, version } = model.served;
    const generation: Generation = { model, streamCount: 0, isRetired: false };
    current.set(id, generation);
    named.set(nameOf(id, version), generation);
    return model.served;
  };
  const freeUnused = async ({ model, streamCount, isRetired }: Generation): Promise<void> => {
    if (!isRetired || streamCount > 0) return;
    await model[Symbol.asyncDispose]();
    send({ type: 'freed', model: model.served.id, version: model.served.version });
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
    const owner = named.get(nameOf(message.model, message.version));
    if (owner === undefined) return; // its requests will be told that it is closed
    owner.streamCount++;
    streams.set(message.stream, { stream: openedOrFailed(() => owner.model.open(message)), owner });
  };
  const close = (number: number): void => {
    const closing = streams.get(number);
    if (closing === undefined) return;
    const { stream, owner } = closing;
    streams.delete(number);
    stream.close();
    owner.streamCount--;
    void freeUnused(owner);
  };
  const ask = (question: StreamQuestion): void => {
    const { request } = question;
    const { stream } = streams.get(question.stream) ?? { stream: failedStream(closedError()) };
    const fail = (error: unknown): void => answer({ request, failure: toFailure(error) });
    const tellEvents = (events: readonly StreamEvent[]): void => answer({ request, events });
    if (question.type === 'push') stream.push(question.samples).then(tellEvents, fail);
    else if (question.type === 'flush') stream.flush().then(tellEvents, fail);
    else stream.snapshot().then((snapshot) => answer({ request, snapshot }), fail);
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
      else ask(message);
    },
    end: () => {
      for (const { stream } of streams.values()) stream.close();
    },
  };
}

function nameOf(id: string, version: string): string {
  return `${id} ${version}`;
}

/** The stream that `open` gives; where it throws, a stream whose every request fails with the reason. */
function openedOrFailed(open: () => AnyStream): AnyStream {
  try {
    return open();
  } catch (error) {
    return failedStream(error);
  }
}

function failedStream(reason: unknown): AnyStream {
  const fail = async (): Promise<never> => {
    throw reason;
  };
  return { push: fail, flush: fail, snapshot: fail, room: async () => undefined, close: () => undefined };
}

/* Loads a model of either kind into the engine's thread. */

/** A model in one version of its weights, which it frees when it is disposed of. */
type LoadedModel = AsyncDisposable & {
  readonly served: AnyServedModel;
  /** The message is for a model of its kind. Throws where the stream cannot be opened. */
  readonly open: (message: OpenMessage) => AnyStream;
};

type ModelLoader = (source: ModelSource) => Promise<LoadedModel>;

type ModelLoaderOptions = {
  readonly maximumBatch: number;
  readonly maximumWaitMs: number;
  /** Default `cpu`, of token models that were not exported `tfjs`. */ readonly device: StreamingDevice | undefined;
  readonly onBatch: (report: BatchReport) => void;
};

/** Throws `model/config` where streams of a model keep leaves outside their state: a session that goes on elsewhere has its state alone. */
function assertWithinState(id: string, { cold }: MemoryConfig): void {
  if (cold === undefined) return;
  throw new HearkenError(
    'model/config',
    `Expected \`memory.cold\` of ${id} to be absent to be served, got ${JSON.stringify(cold)}`,
  );
}

/** The longest pieces of a stream in one batch: they bound how long a fast client delays the others. */
const LONGEST_PIECE_SECONDS = 0.5;
const LONGEST_PIECE_TOKENS = 512;

/** Streams that the device `auto` is chosen for: a busy server's, not the most that a batch may have. */
const STREAMS_FOR_AUTO = 16;

/**
 * Makes the function that loads a model. It rejects as `loadEngine` and `loadTokenEngine` do, and with `model/changing`
 * where files of the folder were replaced meanwhile: the next try will find them whole.
 */
export function createModelLoader({ maximumBatch, maximumWaitMs, device, onBatch }: ModelLoaderOptions): ModelLoader {
  const batching = (model: string) => ({
    maximumBatch,
    maximumWaitMs,
    readsAhead: true,
    onBatch: (figures: BatchFigures) => onBatch({ model, ...figures }),
  });
  const streams = Math.min(maximumBatch, STREAMS_FOR_AUTO);
  let backend: Promise<unknown> | undefined; // streams compute on it: it is not chosen a second time under them
  const loadTokens = async ({ id, folder }: ModelSource): Promise<LoadedModel> => {
    const engine = await loadTokenEngine(folder, {
      device,
      streams,
      ready: (loadBackend) => (backend ??= loadBackend()),
    });
    return whole(engine.executor, async () => {
      assertSettled(folder, engine.fingerprint, await tokenFingerprintOf(folder));
      assertWithinState(id, engine.config.memory);
      const recognizer = createTokenRecognizer(engine, { ...batching(id), longestPiece: LONGEST_PIECE_TOKENS });
      const { alphabetSize, labelCount } = engine.config;
      return {
        served: {
          kind: 'tokens',
          id,
          version: engine.fingerprint,
          ...servedBy(engine.executor),
          alphabetSize,
          labelCount,
        },
        open: (message) => recognizer.open({ from: message.from }) as AnyStream, // it is sent tokens
        [Symbol.asyncDispose]: async () => {
          await recognizer.idle();
          await engine.executor[Symbol.asyncDispose]();
        },
      };
    });
  };
  const loadSpeech = async ({ id, folder }: ModelSource): Promise<LoadedModel> => {
    const engine = await loadEngine(folder, device ?? 'cpu', { streams });
    return whole(engine.executor, async () => {
      assertSettled(folder, engine.fingerprint, await fingerprintOf(folder));
      const options = { ...batching(id), longestPieceSeconds: LONGEST_PIECE_SECONDS };
      const recognizer = createSpeechRecognizer(engine, options);
      const { name, language, vocabulary, features, memory, decoding } = engine.config;
      const { fingerprint: version, secondsPerVector } = engine;
      const { sampleRate } = features;
      const { pauseMs, blankThreshold } = decoding.endpointing;
      return {
        served: {
          kind: 'speech',
          id,
          version,
          ...servedBy(engine.executor),
          name,
          language,
          vocabulary,
          sampleRate,
          memory,
          secondsPerVector,
          endpointing: { pauseMs, blankThreshold },
        },
        open: (message) => {
          if (message.type !== 'open')
            throw new HearkenError('engine/failed', 'Expected a stream of audio, got tokens');
          return recognizer.open(speechOptions(engine.config, message)) as AnyStream; // it is sent audio
        },
        [Symbol.asyncDispose]: async () => {
          await recognizer.idle();
          await engine.executor[Symbol.asyncDispose]();
        },
      };
    });
  };
  return async (source) => ((await isTokenModel(source.folder)) ? loadTokens(source) : loadSpeech(source));
}

function servedBy({ name, reason }: Executor): ServedBy {
  return { device: name, deviceReason: reason };
}

/** Options of a stream as a recognizer takes them, from those that the engine's thread is given. */
function speechOptions(
  config: Engine['config'],
  { sampleRate, grammar, endpointing, attention = false, from }: OpenStream,
): SpeechOptions {
  const told = { sampleRate, attention: attention ? ('binned' as const) : false };
  if (from !== undefined) return { ...told, begin: { from } };
  const settings = { grammar: chosenGrammar(config, grammar), decoder: 'joint' as const, endpointing };
  return { ...told, begin: { settings } };
}

/** The result of `make`; where it fails, the weights are freed. */
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
