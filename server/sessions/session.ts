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
import type { StreamSamples } from '../../src/recognizer/request-queue.ts';
import { toThousandths } from '../../src/text/written-words.ts';
import type { StreamEvent, StreamSnapshot } from '../engine/protocol.ts';
import type { RemoteStream } from '../engine/remote-stream.ts';
import type { SessionMetrics } from '../session-metrics.ts';
import type { EventWindow } from './event-window.ts';
import { numberedEvents } from './event-message.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';
import { snapshotToBytes } from './stream-bytes.ts';

export type SessionOptions = {
  /** The session's record as saved by this owner. */ readonly record: SessionRecord;
  /** The stream as `record.state` left it. */ readonly stream: RemoteStream<StreamEvent>;
  /** Samples since the last flush, at its start. */ readonly unsettledSamples: number;
  readonly store: SessionStore;
  readonly metrics: SessionMetrics;
  /** Sample rate of the client's samples in Hz; tokens have none. */ readonly sampleRate: number | undefined;
};

export type SessionCommand =
  /** Samples in -1..1 or ids of tokens, whose buffer is moved. */
  | { readonly type: 'push'; readonly samples: StreamSamples }
  /** Settles the utterance under way; nothing happens where there is none. */
  | { readonly type: 'finalize' }
  /**
   * Tries again what could not be made durable, where it has waited long enough: nothing else comes from a client that waits.
   * A session that is silent for long is saved once in a while, or a store would forget it as one that nobody comes back to.
   */
  | { readonly type: 'keepAlive' }
  /** Makes where it stands durable, if that can be: before a server goes away. */
  | { readonly type: 'save' }
  /** Settles what is under way, makes the end durable if that can be, and says that it is over: all was told. */
  | { readonly type: 'end' };

/** Something that the client will be told of, in its turn. */
export type Due =
  | { readonly type: 'messages'; readonly messages: readonly ServerMessage[] }
  | { readonly type: 'events'; readonly events: Promise<readonly StreamEvent[]> }
  | {
      readonly type: 'save';
      readonly snapshot: Promise<StreamSnapshot>;
      /** Taken before it. */ readonly samples: number;
      readonly isClosed: boolean;
    };

/** Two halves: what is asked of the engine, in order, and what is told of its answers, in the same order. */
export type Session = {
  /** Resolves when there was room, with what will be told. */
  readonly ask: (command: SessionCommand) => Promise<readonly Due[]>;
  /** Numbers and saves what has come of it. Rejects with why it cannot go on; nothing may be told after that, behind a gap. */
  readonly tell: (due: Due) => Promise<readonly ServerMessage[]>;
  readonly close: () => void;
};

/** Audio between two durable states: what a client has to keep, and what a restart hears again. */
const SAVE_EVERY_SECONDS = 2;
const SAVE_EVERY_TOKENS = 1_024;
/** Between two tries of a store that fails. */
const RETRY_MS = 1_000;
/** Between two saves of a session whose client only says that it is there; a quarter of what a store keeps a session for. */
const REFRESH_MS = 900_000;

export function openSession(options: SessionOptions): Session {
  const { stream, sampleRate, metrics, record } = options;
  const saver = createSaver(options);
  let window: EventWindow = { nextOffset: record.nextEvent, events: record.events };
  let { unsettledSamples } = options;
  let handedOver = record.samples;
  let savedAt = record.samples;
  const saveEvery = sampleRate === undefined ? SAVE_EVERY_TOKENS : SAVE_EVERY_SECONDS * sampleRate;
  const unwatch = metrics.watch(() => (sampleRate === undefined ? 0 : (handedOver - saver.samples()) / sampleRate));

  const events = (answer: Promise<readonly StreamEvent[]>): Due => {
    answer.catch(() => undefined); // told in its turn
    return { type: 'events', events: answer };
  };
  const save = (isClosed = false): Due => {
    saver.expect();
    const snapshot = stream.snapshot();
    snapshot.catch(() => undefined); // as above
    return { type: 'save', snapshot, samples: handedOver, isClosed };
  };
  const settle = (): Due[] => {
    if (unsettledSamples === 0) return [];
    unsettledSamples = 0;
    return [events(stream.flush())];
  };

  return {
    ask: async (command) => {
      if (command.type === 'finalize') return settle();
      if (command.type === 'save') return [save()];
      if (command.type === 'keepAlive') return saver.isDue() ? [save()] : [];
      if (command.type === 'end') {
        const closed = closedMessage(handedOver, sampleRate);
        return [...settle(), save(true), { type: 'messages', messages: [closed] }];
      }
      await stream.room();
      const { length } = command.samples; // empty once they are handed over
      const answer = events(stream.push(command.samples));
      handedOver += length;
      unsettledSamples += length;
      if (handedOver - savedAt < saveEvery) return [answer];
      savedAt = handedOver;
      return [answer, save()];
    },
    tell: async (due) => {
      if (due.type === 'messages') return due.messages;
      if (due.type === 'save') return saver.save(due, await due.snapshot, window);
      const numbered = numberedEvents(window, await due.events);
      ({ window } = numbered);
      return numbered.messages;
    },
    close: () => {
      unwatch();
      stream.close();
    },
  };
}

type Saver = {
  /** A save was asked for. */ readonly expect: () => void;
  /** What the client is told of it. Rejects where another owner has the session. */
  readonly save: (
    due: Extract<Due, { type: 'save' }>,
    snapshot: StreamSnapshot,
    window: EventWindow,
  ) => Promise<readonly ServerMessage[]>;
  /** Whether it has waited long enough for one, and none was asked for. */ readonly isDue: () => boolean;
  /** That are durable. */ readonly samples: () => number;
};

function createSaver({ store, metrics, record: first }: SessionOptions): Saver {
  let record = first;
  let expected = 0;
  let failedAt: number | undefined; // of the store, since it last took the session
  let lastSave = performance.now();

  /** The stream goes on where only the medium fails: nothing is acknowledged, so the client still has what is not durable. */
  const warn = (error: unknown): readonly ServerMessage[] => {
    if (!(error instanceof HearkenError) || error.code !== 'session/store') throw error;
    const isFirst = failedAt === undefined;
    failedAt = performance.now();
    return isFirst ? [{ type: 'warning', code: error.code, message: error.message }] : [];
  };
  return {
    expect: () => {
      expected++;
    },
    save: async ({ samples, isClosed }, snapshot, { nextOffset: nextEvent, events }) => {
      expected--;
      const state = snapshotToBytes(snapshot);
      metrics.state(state.length);
      const next = { ...record, revision: record.revision + 1, samples, nextEvent, events, isClosed, state };
      try {
        const { revision } = await store.save(next);
        record = { ...next, revision };
      } catch (error) {
        return warn(error);
      }
      failedAt = undefined;
      lastSave = performance.now();
      return [{ type: 'ack', samples }];
    },
    isDue: () => {
      if (expected > 0) return false;
      const now = performance.now();
      return failedAt === undefined ? now - lastSave >= REFRESH_MS : now - failedAt >= RETRY_MS;
    },
    samples: () => record.samples,
  };
}

export function closedMessage(samples: number, sampleRate: number | undefined): ClosedMessage {
  return {
    type: 'closed',
    samples,
    ...(sampleRate !== undefined && { durationSeconds: toThousandths(samples / sampleRate) }),
  };
}
