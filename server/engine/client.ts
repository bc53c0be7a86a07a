/**
 * The engine under many streams, seen from the thread of the sockets: samples go in, events come back, nothing is
 * computed here. Streams of one model are heard together in batches.
 */
import type { StreamingDevice } from '../../src/backend/model-executor.ts';
import { startWorker } from '../../src/backend/start-worker.ts';
import { HearkenError } from '../../src/errors.ts';
import type { RecognitionEvent } from '../../src/recognizer/events.ts';
import {
  type AnswersEvent,
  type AnyServedModel,
  type EngineThreadData,
  type ModelSource,
  type OpenStream,
  type OpenTokens,
  type Reloaded,
  type ServedModel,
  type ServedTokenModel,
  type StreamEvent,
  type ToEngine,
  fromFailure,
  type Answer,
  type BatchReport,
  type FromEngine,
  type Question,
} from './protocol.ts';
import { audioLine, type RemoteStream, openRemoteStream, type RemoteLine, TOKEN_LINE } from './remote-stream.ts';
import type { Worker } from 'node:worker_threads';

type EngineOptions = EngineLinkOptions & {
  /** Models to load: at least one, with distinct ids. */ readonly models: readonly ModelSource[];
  /** Streams in a batch at most, 1..1024; default 64. */ readonly maximumBatch?: number;
  /** What computes the models; default `cpu`, of token models that were not exported `tfjs`. */
  readonly device?: StreamingDevice | undefined;
  /** Longest time that a batch waits to be filled, 0..1000 ms. Default 10. */ readonly maximumWaitMs?: number;
};

export type EngineClient = AsyncDisposable & {
  /** The speech models as they are served now. A reload replaces the list, so whoever waited reads it again. */
  readonly models: readonly ServedModel[];
  readonly tokenModels: readonly ServedTokenModel[];
  /** Loads the models again: streams that run keep their weights, those opened later get the new ones. Not twice at once. */
  readonly reload: () => Promise<readonly Reloaded[]>;
  /** Throws `model/unknown-id`. What else is wrong with it is told by its first answer. */
  readonly open: (options: OpenStream) => RemoteStream;
  /** Opens a stream of tokens, whose ids are given to `push`. */
  readonly openTokens: (options: OpenTokens) => RemoteStream<AnswersEvent>;
  /** Open streams, and the audio that they have handed over and that is not heard yet. */
  readonly load: () => { readonly streams: number; readonly queuedSeconds: number };
};

/** Starts the engine's thread and loads the models into it. Rejects as `loadModel` does. */
export async function startEngine(options: EngineOptions): Promise<EngineClient> {
  const { models, maximumBatch = 64, maximumWaitMs = 10, device } = options;
  const data: EngineThreadData = { models, maximumBatch, maximumWaitMs, device };
  const link = linkEngine(startWorker(import.meta.url, 'worker', data), options);
  try {
    return engineOver(link, await link.models);
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }
}

/** Streams over a link whose models are loaded; the link is theirs to end. */
export function engineOver(link: EngineLink, loaded: readonly AnyServedModel[]): EngineClient {
  let served = loaded;
  let reloading: Promise<unknown> = Promise.resolve();
  let isEnding = false;
  const streams = new Map<number, Pick<RemoteStream, 'queuedSeconds'>>();
  const speech = (): ServedModel[] => served.filter((model) => model.kind === 'speech');
  const tokens = (): ServedTokenModel[] => served.filter((model) => model.kind === 'tokens');
  const openOver = <E extends StreamEvent>(
    { id, line }: { readonly id: string; readonly line: RemoteLine },
    models: readonly AnyServedModel[],
    messageOf: (numbers: { readonly stream: number; readonly version: string }) => ToEngine,
  ): RemoteStream<E> => {
    const model = models.find((each) => each.id === id);
    if (model === undefined) {
      const known = models.map((each) => each.id).join(', ');
      throw new HearkenError('model/unknown-id', `Expected a model of this server (${known}), got ${id}`);
    }
    const number = link.nextNumber();
    link.post(messageOf({ stream: number, version: model.version }));
    const onClose = (reason: HearkenError): void => {
      streams.delete(number);
      link.abandon(number, reason);
    };
    const stream = openRemoteStream<E>({ number, line, link, onClose });
    streams.set(number, stream);
    return stream;
  };
  return {
    get models() {
      return speech();
    },
    get tokenModels() {
      return tokens();
    },
    reload: async () => {
      if (isEnding) throw new HearkenError('engine/lost', 'Expected an engine to load models into, got its end');
      const requested = link.ask((request) => ({ type: 'reload', request }));
      reloading = requested.catch(() => undefined);
      const answer = await requested;
      const reloaded = 'reloaded' in answer ? answer.reloaded : [];
      for (const one of reloaded) {
        const old = served.find(({ id }) => id === one.id);
        if (one.outcome !== 'changed' || old === undefined) continue;
        served = served.map((each) => (each === old ? one.model : each));
        link.post({ type: 'retire', model: old.id, version: old.version }); // after it no stream of it is opened
      }
      return reloaded;
    },
    open: (open) =>
      openOver({ id: open.model, line: audioLine(open.sampleRate) }, speech(), (numbers) => ({
        type: 'open',
        ...numbers,
        ...open,
      })),
    openTokens: (open) =>
      openOver({ id: open.model, line: TOKEN_LINE }, tokens(), (numbers) => ({
        type: 'openTokens',
        ...numbers,
        ...open,
      })),
    load: () => ({
      streams: streams.size,
      queuedSeconds: [...streams.values()].reduce((sum, stream) => sum + stream.queuedSeconds(), 0),
    }),
    [Symbol.asyncDispose]: async () => {
      isEnding = true;
      await reloading; // who asked for it is told what came of it
      await link[Symbol.asyncDispose]();
    },
  };
}

export type { RemoteStream, OpenStream, RecognitionEvent, ServedModel, ServedTokenModel };

/* The main thread's end of the engine's thread: questions with numbers go over, their answers come back. */

/**
 * Connection to the engine's thread. Its disposal waits for the batch that is being computed: a thread that is killed
 * within one takes the process with it.
 */
export type EngineLink = AsyncDisposable & {
  /** Resolves when the models are loaded. */ readonly models: Promise<readonly AnyServedModel[]>;
  /** A new number for a stream or a request; never the same one twice. */ readonly nextNumber: () => number;
  /** Says something that has no answer; nothing once the thread is lost. */ readonly post: (message: ToEngine) => void;
  /** Rejects with what went wrong there, with `engine/lost`, or as `abandon` says. `moved` is given away. */
  readonly ask: (messageOf: (request: number) => Question, moved?: readonly ArrayBuffer[]) => Promise<Answer>;
  /** Rejects everything that a stream waits for. */
  readonly abandon: (stream: number, reason: HearkenError) => void;
};

type EngineLinkOptions = {
  readonly onBatch?: ((report: BatchReport) => void) | undefined;
  /** The old weights of a model are freed. */ readonly onFreed?:
    | ((model: string, version: string) => void)
    | undefined;
  /** The thread ended by itself. */ readonly onLost?: ((error: HearkenError) => void) | undefined;
};

type Waiting = {
  /** Stream of the request; none for requests to the whole thread. */ readonly stream: number | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: HearkenError) => void;
};

export function linkEngine(worker: Worker, { onBatch, onFreed, onLost }: EngineLinkOptions): EngineLink {
  const waiting = new Map<number, Waiting>();
  let lastNumber = 0;
  let lost: HearkenError | undefined;

  const lose = (reason: string): HearkenError => {
    lost = new HearkenError('engine/lost', `Expected the engine's thread to go on, got ${reason}`);
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
    return lost;
  };
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const models = new Promise<readonly AnyServedModel[]>((resolve, reject) => {
    const end = (reason: string): void => {
      if (lost !== undefined) return;
      const error = lose(reason);
      reject(error);
      onLost?.(error);
    };
    worker.on('message', (message: FromEngine) => {
      if (message.type === 'loaded') resolve(message.models);
      else if (message.type === 'refused') reject(fromFailure(message.failure));
      else if (message.type === 'freed') onFreed?.(message.model, message.version);
      else {
        for (const answer of message.answers) settle(waiting, answer);
        if (message.batch !== undefined) onBatch?.(message.batch);
      }
    });
    worker.on('error', (error: unknown) => end(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => end(`exit code ${code}`));
  });

  return {
    models,
    nextNumber: () => ++lastNumber,
    post: (message) => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
      if (lost === undefined) worker.postMessage(message);
    },
    ask: async (messageOf, moved = []) => {
      if (lost !== undefined) throw lost;
      const request = ++lastNumber;
      const message = messageOf(request);
      worker.postMessage(message, moved); // what cannot be moved is refused here, and waits for nothing
      return new Promise((resolve, reject) =>
        waiting.set(request, { stream: 'stream' in message ? message.stream : undefined, resolve, reject }),
      );
    },
    abandon: (stream, reason) => {
      for (const [request, one] of waiting) {
        if (one.stream !== stream) continue;
        waiting.delete(request);
        one.reject(reason);
      }
    },
    [Symbol.asyncDispose]: async () => {
      lose('its end');
      worker.postMessage({ type: 'end' } satisfies ToEngine, []);
      await exited;
    },
  };
}

function settle(waiting: Map<number, Waiting>, answer: Answer): void {
  const one = waiting.get(answer.request);
  waiting.delete(answer.request);
  if ('failure' in answer) one?.reject(fromFailure(answer.failure));
  else one?.resolve(answer);
}
