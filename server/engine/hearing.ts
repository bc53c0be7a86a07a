/**
 * The engine under many streams, seen from the thread of the sockets: samples go in, events come back, nothing is
 * computed here. Streams of one model are heard together in batches.
 */
import { HearkenError } from '../../src/errors.ts';
import type { RecognitionEvent } from '../../src/runtime/event.ts';
import { startWorker } from '../../src/runtime/start-worker.ts';
import { type EngineLink, type EngineLinkOptions, linkEngine } from './engine-link.ts';
import { audioLine, type HeardStream, openHeardStream, type StreamLine, TOKEN_LINE } from './heard-stream.ts';
import type {
  AnswersEvent,
  AnyServedModel,
  EngineThreadData,
  ModelSource,
  OpenStream,
  OpenTokens,
  Reloaded,
  ServedModel,
  ServedTokenModel,
  StreamEvent,
  ToEngine,
} from './messages.ts';

export type HearingOptions = EngineLinkOptions & {
  /** At least one, with distinct ids. */ readonly models: readonly ModelSource[];
  /** Streams in a batch at most, 1..1024; default 64. */ readonly maximumBatch?: number;
  /** How long a batch waits to be filled, 0..1000 ms; default 10. */ readonly maximumWaitMs?: number;
};

export type Hearing = AsyncDisposable & {
  /** Those that hear audio, as they are served now: asked for again by whoever waited. */
  readonly models: readonly ServedModel[];
  readonly tokenModels: readonly ServedTokenModel[];
  /** Loads the models again: streams that run keep their weights, those opened later get the new ones. Not twice at once. */
  readonly reload: () => Promise<readonly Reloaded[]>;
  /** Throws `model/unknown-id`. What else is wrong with it is told by its first answer. */
  readonly open: (options: OpenStream) => HeardStream;
  /** As `open`, of tokens, which are given to `hear` as their ids. */
  readonly openTokens: (options: OpenTokens) => HeardStream<AnswersEvent>;
  /** Open streams, and the audio that they have handed over and that is not heard yet. */
  readonly load: () => { readonly streams: number; readonly queuedSeconds: number };
};

/** Starts the engine's thread and loads the models into it. Rejects as `loadModel` does. */
export async function startHearing(options: HearingOptions): Promise<Hearing> {
  const { models, maximumBatch = 64, maximumWaitMs = 10 } = options;
  const data: EngineThreadData = { models, maximumBatch, maximumWaitMs };
  const link = linkEngine(startWorker(import.meta.url, 'engine-thread', data), options);
  try {
    return hearingOver(link, await link.models);
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }
}

/** Streams over a link whose models are loaded; the link is theirs to end. */
export function hearingOver(link: EngineLink, loaded: readonly AnyServedModel[]): Hearing {
  let served = loaded;
  let reloading: Promise<unknown> = Promise.resolve();
  let isEnding = false;
  const streams = new Map<number, Pick<HeardStream, 'queuedSeconds'>>();
  const speech = (): ServedModel[] => served.filter((model) => model.kind === 'speech');
  const tokens = (): ServedTokenModel[] => served.filter((model) => model.kind === 'tokens');
  const openOver = <E extends StreamEvent>(
    { id, line }: { readonly id: string; readonly line: StreamLine },
    models: readonly AnyServedModel[],
    messageOf: (numbers: { readonly stream: number; readonly version: string }) => ToEngine,
  ): HeardStream<E> => {
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
    const stream = openHeardStream<E>({ number, line, link, onClose });
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
      const asked = link.ask((request) => ({ type: 'reload', request }));
      reloading = asked.catch(() => undefined);
      const answer = await asked;
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

export type { HeardStream, OpenStream, RecognitionEvent, ServedModel, ServedTokenModel };
