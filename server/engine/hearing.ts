/**
 * The engine under many streams, seen from the thread of the sockets: samples go in, events come back, nothing is
 * computed here. Streams of one model are heard together in batches.
 */
import { HearkenError } from '../../src/errors.ts';
import type { RecognitionEvent } from '../../src/runtime/event.ts';
import { startWorker } from '../../src/runtime/start-worker.ts';
import { fromFailure } from './failure.ts';
import { type HeardStream, openHeardStream, type Post } from './heard-stream.ts';
import type {
  Answer,
  BatchReport,
  EngineThreadData,
  FromEngine,
  ModelSource,
  OpenStream,
  ServedModel,
  ToEngine,
} from './messages.ts';

export type HearingOptions = {
  /** At least one, with distinct ids. */ readonly models: readonly ModelSource[];
  /** Streams in a batch at most, 1..1024; default 64. */ readonly maximumBatch?: number;
  /** How long a batch waits to be filled, 0..1000 ms; default 10. */ readonly maximumWaitMs?: number;
  readonly onBatch?: (report: BatchReport) => void;
  /** The engine's thread ended by itself; every stream has failed. */ readonly onLost?: (error: HearkenError) => void;
};

export type Hearing = AsyncDisposable & {
  readonly models: readonly ServedModel[];
  /** Throws `model/unknown-id`. What else is wrong with it is told by its first answer. */
  readonly open: (options: OpenStream) => HeardStream;
  /** Open streams, and the audio that they have handed over and that is not heard yet. */
  readonly load: () => { readonly streams: number; readonly queuedSeconds: number };
};

type Waiting = {
  readonly stream: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: HearkenError) => void;
};

/** Starts the engine's thread and loads the models into it. Rejects as `loadModel` does. */
export async function startHearing(options: HearingOptions): Promise<Hearing> {
  const { models, maximumBatch = 64, maximumWaitMs = 10, onBatch, onLost } = options;
  const data: EngineThreadData = { models, maximumBatch, maximumWaitMs };
  const worker = startWorker(import.meta.url, 'engine-thread', data);
  const waiting = new Map<number, Waiting>();
  const streams = new Map<number, HeardStream>();
  let lastNumber = 0;
  let lost: HearkenError | undefined;
  let isClosing = false;

  const lose = (reason: string): void => {
    lost ??= new HearkenError('engine/lost', `Expected the engine's thread to go on, got ${reason}`);
    for (const { reject } of waiting.values()) reject(lost);
    waiting.clear();
  };
  const post: Post = (message: ToEngine, moved = []) => {
    if (lost === undefined) worker.postMessage(message, moved);
  };
  const ask = (messageOf: (request: number) => ToEngine, moved?: readonly ArrayBuffer[]): Promise<Answer> => {
    if (lost !== undefined) return Promise.reject(lost);
    const request = ++lastNumber;
    const message = messageOf(request);
    return new Promise((resolve, reject) => {
      post(message, moved); // what cannot be moved is refused here, and waits for nothing
      waiting.set(request, { stream: message.stream, resolve, reject });
    });
  };
  const answer = (message: FromEngine): void => {
    if (message.type !== 'answers') return;
    for (const each of message.answers) {
      const one = waiting.get(each.request);
      waiting.delete(each.request);
      if ('failure' in each) one?.reject(fromFailure(each.failure));
      else one?.resolve(each);
    }
    if (message.batch !== undefined) onBatch?.(message.batch);
  };

  const loaded = await new Promise<readonly ServedModel[]>((resolve, reject) => {
    worker.on('message', (message: FromEngine) => {
      if (message.type === 'loaded') resolve(message.models);
      else if (message.type === 'refused') reject(fromFailure(message.failure));
      else answer(message);
    });
    const onEnd = (reason: string): void => {
      if (isClosing || lost !== undefined) return;
      lose(reason);
      if (lost === undefined) return;
      reject(lost);
      onLost?.(lost);
    };
    worker.on('error', (error: unknown) => onEnd(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => onEnd(`exit code ${code}`));
  }).catch(async (error: unknown) => {
    isClosing = true;
    await worker.terminate();
    throw error;
  });

  return {
    models: loaded,
    open: (open) => {
      if (!loaded.some(({ id }) => id === open.model)) {
        const known = loaded.map(({ id }) => id).join(', ');
        throw new HearkenError('model/unknown-id', `Expected a model of this server (${known}), got ${open.model}`);
      }
      const number = ++lastNumber;
      post({ type: 'open', stream: number, ...open });
      const onClose = (reason: HearkenError): void => {
        streams.delete(number);
        for (const [request, one] of waiting) {
          if (one.stream !== number) continue;
          waiting.delete(request);
          one.reject(reason);
        }
      };
      const stream = openHeardStream({ number, sampleRate: open.sampleRate, ask, post, onClose });
      streams.set(number, stream);
      return stream;
    },
    load: () => ({
      streams: streams.size,
      queuedSeconds: [...streams.values()].reduce((sum, stream) => sum + stream.queuedSeconds(), 0),
    }),
    [Symbol.asyncDispose]: async () => {
      isClosing = true;
      lose('its end');
      await worker.terminate();
    },
  };
}

export type { HeardStream, OpenStream, RecognitionEvent, ServedModel };
