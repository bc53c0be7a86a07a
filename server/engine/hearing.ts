/**
 * The engine under many streams, seen from the thread of the sockets: samples go in, events come back, nothing is
 * computed here. Streams of one model are heard together in batches.
 */
import { HearkenError } from '../../src/errors.ts';
import type { RecognitionEvent } from '../../src/runtime/event.ts';
import { startWorker } from '../../src/runtime/start-worker.ts';
import { type EngineLink, type EngineLinkOptions, linkEngine } from './engine-link.ts';
import { type HeardStream, openHeardStream } from './heard-stream.ts';
import type { EngineThreadData, ModelSource, OpenStream, ServedModel } from './messages.ts';

export type HearingOptions = EngineLinkOptions & {
  /** At least one, with distinct ids. */ readonly models: readonly ModelSource[];
  /** Streams in a batch at most, 1..1024; default 64. */ readonly maximumBatch?: number;
  /** How long a batch waits to be filled, 0..1000 ms; default 10. */ readonly maximumWaitMs?: number;
};

export type Hearing = AsyncDisposable & {
  readonly models: readonly ServedModel[];
  /** Throws `model/unknown-id`. What else is wrong with it is told by its first answer. */
  readonly open: (options: OpenStream) => HeardStream;
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
export function hearingOver(link: EngineLink, models: readonly ServedModel[]): Hearing {
  const streams = new Map<number, HeardStream>();
  return {
    models,
    open: (open) => {
      if (!models.some(({ id }) => id === open.model)) {
        const known = models.map(({ id }) => id).join(', ');
        throw new HearkenError('model/unknown-id', `Expected a model of this server (${known}), got ${open.model}`);
      }
      const number = link.nextNumber();
      link.post({ type: 'open', stream: number, ...open });
      const onClose = (reason: HearkenError): void => {
        streams.delete(number);
        link.abandon(number, reason);
      };
      const stream = openHeardStream({ number, sampleRate: open.sampleRate, link, onClose });
      streams.set(number, stream);
      return stream;
    },
    load: () => ({
      streams: streams.size,
      queuedSeconds: [...streams.values()].reduce((sum, stream) => sum + stream.queuedSeconds(), 0),
    }),
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

export type { HeardStream, OpenStream, RecognitionEvent, ServedModel };
