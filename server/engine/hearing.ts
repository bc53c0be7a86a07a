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
  EngineThreadData,
  LoadedModels,
  ModelSource,
  OpenStream,
  OpenTokens,
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
  /** Those that hear audio. */ readonly models: readonly ServedModel[];
  readonly tokenModels: readonly ServedTokenModel[];
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
export function hearingOver(link: EngineLink, { speech, tokens }: LoadedModels): Hearing {
  const streams = new Map<number, Pick<HeardStream, 'queuedSeconds'>>();
  const openOver = <E extends StreamEvent>(
    { id, line }: { readonly id: string; readonly line: StreamLine },
    served: readonly { readonly id: string }[],
    messageOf: (stream: number) => ToEngine,
  ): HeardStream<E> => {
    if (!served.some((model) => model.id === id)) {
      const known = served.map((model) => model.id).join(', ');
      throw new HearkenError('model/unknown-id', `Expected a model of this server (${known}), got ${id}`);
    }
    const number = link.nextNumber();
    link.post(messageOf(number));
    const onClose = (reason: HearkenError): void => {
      streams.delete(number);
      link.abandon(number, reason);
    };
    const stream = openHeardStream<E>({ number, line, link, onClose });
    streams.set(number, stream);
    return stream;
  };
  return {
    models: speech,
    tokenModels: tokens,
    open: (open) =>
      openOver({ id: open.model, line: audioLine(open.sampleRate) }, speech, (stream) => ({
        type: 'open',
        stream,
        ...open,
      })),
    openTokens: (open) =>
      openOver({ id: open.model, line: TOKEN_LINE }, tokens, (stream) => ({ type: 'openTokens', stream, ...open })),
    load: () => ({
      streams: streams.size,
      queuedSeconds: [...streams.values()].reduce((sum, stream) => sum + stream.queuedSeconds(), 0),
    }),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

export type { HeardStream, OpenStream, RecognitionEvent, ServedModel, ServedTokenModel };
