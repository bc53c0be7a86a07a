/**
 * One stream that outlives its connection and its server: events are numbered, and every few seconds of audio the
 * stream's state is made durable together with the events that a client may have missed; only then is audio acknowledged.
 *
 * What was heard after the last durable state is lost with the process, and heard again from the client, who still has
 * it. Since a stream's events do not depend on how its audio was cut, they come again with the same numbers, and the
 * client drops those that it knows.
 */
import type { ClosedMessage, ServerMessage } from '../../client/protocol.ts';
import { HearkenError } from '../../src/errors.ts';
import type { RemoteStream } from '../engine/remote-stream.ts';
import type { StreamSamples } from '../../src/recognizer/request-queue.ts';
import type { StreamEvent } from '../engine/protocol.ts';
import type { SessionMetrics } from '../session-metrics.ts';
import { toThousandths } from '../../src/text/written-words.ts';
import { numberedMessage, replaceableMessage } from './event-message.ts';
import { type EventWindow, withEvent, type WindowBounds } from './event-window.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';
import { snapshotToBytes } from './stream-bytes.ts';

export type SessionOptions = {
  /** The session's record as saved by this owner. */ readonly record: SessionRecord;
  /** The stream as `record.state` left it. */ readonly stream: RemoteStream<StreamEvent>;
  /** Samples since the last flush, at its start. */ readonly unsettledSamples: number;
  readonly store: SessionStore;
  readonly metrics: SessionMetrics;
  readonly put: (message: ServerMessage) => void;
  /** Sample rate of the client's samples in Hz; tokens have none. */ readonly sampleRate: number | undefined;
};

/** Calls are worked off in their order. Each rejects once the session has failed, for the reason of the first failure. */
export type Session = {
  /** Samples in -1..1 or ids of tokens, whose buffer is moved. Resolves when there is room for more. */
  readonly push: (samples: StreamSamples) => Promise<void>;
  /** Settles the utterance under way; nothing happens where there is none. */ readonly finalize: () => Promise<void>;
  /** Settles what is under way, makes the end durable if that can be, and says that it is over: all was told. */
  readonly end: () => Promise<void>;
  /** Makes where it stands durable, if that can be: before a server goes away. */ readonly save: () => Promise<void>;
  /**
   * Tries again what could not be made durable, where it has waited long enough: nothing else comes from a client that waits.
   * A session that is silent for long is saved once in a while, or a store would forget it as one that nobody comes back to.
   */
  readonly keepAlive: () => Promise<void>;
  readonly close: () => void;
};

/** Audio between two durable states: what a client has to keep, and what a restart hears again. */
const SAVE_EVERY_SECONDS = 2;
const SAVE_EVERY_TOKENS = 1_024;
/** Between two tries of a store that fails. */
const RETRY_MS = 1_000;
/** Between two saves of a session whose client only says that it is there; a quarter of what a store keeps a session for. */
const REFRESH_MS = 900_000;
const WINDOW: WindowBounds = { events: 256, characters: 1 << 20 };

export function openSession(options: SessionOptions): Session {
  const { stream, store, metrics, put, sampleRate } = options;
  let { record, unsettledSamples } = options;
  let window: EventWindow = { nextOffset: record.nextEvent, events: record.events };
  let handedOver = record.samples;
  let savedAt = record.samples;
  let last: Promise<void> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  let failedAt: number | undefined; // of the store, since it last took the session
  let lastSave = performance.now();
  const saveEvery = sampleRate === undefined ? SAVE_EVERY_TOKENS : SAVE_EVERY_SECONDS * sampleRate;
  const unwatch = metrics.watch(() => (sampleRate === undefined ? 0 : (handedOver - record.samples) / sampleRate));

  const deliver = (events: readonly StreamEvent[]): void => {
    for (const event of events) {
      if (event.type === 'attention') continue; // nobody can ask for it
      if (event.type === 'partial' || event.type === 'memory') {
        put(replaceableMessage(event));
        continue;
      }
      const message = numberedMessage(event, window.nextOffset);
      window = withEvent(window, JSON.stringify(message), WINDOW);
      put(message);
    }
  };
  /** Delivers after everything before; a failure stays, so that nothing is told behind a gap. */
  const deliverInOrder = (answer: Promise<readonly StreamEvent[]>): Promise<void> => {
    answer.catch(() => undefined); // where something before it has failed, nobody looks at it
    last = last.then(async () => deliver(await answer));
    last.catch((error: unknown) => {
      failure ??= { error };
    });
    return last;
  };
  /** The stream goes on where only the medium fails: nothing is acknowledged, so the client still has what is not durable. */
  const warn = (error: unknown): void => {
    if (!(error instanceof HearkenError) || error.code !== 'session/store') throw error;
    if (failedAt === undefined) put({ type: 'warning', code: error.code, message: error.message });
    failedAt = performance.now();
  };
  const save = async (samples: number, isClosed = false): Promise<void> => {
    const snapshot = await stream.snapshot();
    await last; // the events before it
    const state = snapshotToBytes(snapshot);
    metrics.state(state.length);
    const { nextOffset: nextEvent, events } = window;
    const next = { ...record, revision: record.revision + 1, samples, nextEvent, events, isClosed, state };
    try {
      const { revision } = await store.save(next);
      record = { ...next, revision };
    } catch (error) {
      warn(error);
      return;
    }
    failedAt = undefined;
    lastSave = performance.now();
    put({ type: 'ack', samples });
  };
  const settle = async (): Promise<void> => {
    if (unsettledSamples === 0) return;
    unsettledSamples = 0;
    await deliverInOrder(stream.flush());
  };

  return {
    push: async (samples) => {
      await stream.room();
      if (failure !== undefined) throw failure.error;
      const count = samples.length;
      const done = deliverInOrder(stream.push(samples));
      handedOver += count;
      unsettledSamples += count;
      if (handedOver - savedAt < saveEvery) return;
      savedAt = handedOver;
      await done;
      await save(handedOver);
    },
    finalize: settle,
    save: () => save(handedOver),
    keepAlive: async () => {
      const now = performance.now();
      const isDue = failedAt === undefined ? now - lastSave >= REFRESH_MS : now - failedAt >= RETRY_MS;
      if (isDue) await save(handedOver);
    },
    end: async () => {
      await settle();
      await save(handedOver, true);
      put(closedMessage(handedOver, sampleRate));
    },
    close: () => {
      unwatch();
      stream.close();
    },
  };
}

export function closedMessage(samples: number, sampleRate: number | undefined): ClosedMessage {
  return {
    type: 'closed',
    samples,
    ...(sampleRate !== undefined && { durationSeconds: toThousandths(samples / sampleRate) }),
  };
}
