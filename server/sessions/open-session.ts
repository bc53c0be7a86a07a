/** A new session, or one that goes on from where its last durable state left it, on this server or another. */
import { randomUUID } from 'node:crypto';

import type { ResumeMessage, ServerMessage, StartMessage } from '../../client/protocol.ts';
import { HearkenError } from '../../src/errors.ts';
import type { HeardStream } from '../engine/heard-stream.ts';
import type { StreamSnapshot } from '../engine/messages.ts';
import { parseStart } from '../native/client-message.ts';
import { eventsAfter } from './event-window.ts';
import { openSession, type Session } from './session.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';
import { snapshotFromBytes, snapshotToBytes } from './stream-bytes.ts';

export type SessionContext = {
  readonly store: SessionStore;
  /** Opens a stream as `start` asks for it. Throws `model/unknown-id` or `grammar/...`. */
  readonly openStream: (start: StartMessage, from?: StreamSnapshot) => { stream: HeardStream; model: string };
  readonly put: (message: ServerMessage) => void;
};

export type OpenedSession = { readonly session: Session; readonly start: StartMessage };

/** Says `started` once the session can be resumed. */
export async function startSession(
  { store, openStream, put }: SessionContext,
  start: StartMessage,
): Promise<OpenedSession> {
  const { stream, model } = openStream(start);
  try {
    const record: SessionRecord = {
      session: randomUUID(),
      epoch: randomUUID(),
      revision: 1,
      samples: 0,
      nextEvent: 0,
      events: [],
      start: { ...start, model }, // where the default changes, the session stays with the model that it began with
      isClosed: false,
      state: snapshotToBytes(await stream.snapshot()),
    };
    await store.save(record);
    put({ type: 'started', session: record.session, epoch: record.epoch, model });
    const session = openSession({ record, stream, unsettledSamples: 0, store, put, sampleRate: start.sampleRate });
    return { session, start };
  } catch (error) {
    stream.close(); // no session owns it
    throw error;
  }
}

/**
 * Takes a session over and says `resumed`, then what the client has missed; `undefined` where the stream had ended, and
 * nothing more will come. Another owner is fenced off from here on. Throws `session/...` with why nothing was taken over.
 */
export async function resumeSession(
  { store, openStream, put }: SessionContext,
  { session: id, epoch, lastEventOffset, firstSample }: ResumeMessage,
): Promise<OpenedSession | undefined> {
  const found = await store.load(id);
  if (found === undefined || found.epoch !== epoch) {
    throw new HearkenError('session/unknown', 'Expected a session of this server, got one that is unknown or expired');
  }
  if (firstSample > found.samples) {
    const expected = `Expected audio from sample ${found.samples} at least`;
    throw new HearkenError('session/audio-lost', `${expected}, got a client that has it from ${firstSample}`);
  }
  // A client may know events that came after the last durable state: they will come again, with the same numbers.
  const missed = lastEventOffset < found.nextEvent ? eventsAfter(windowOf(found), lastEventOffset) : [];
  const record = { ...found, revision: found.revision + 1 };
  await store.save(record);
  const start = parseStart(found.start);
  const snapshot = snapshotFromBytes(found.state);
  const stream = found.isClosed ? undefined : openStream(start, snapshot).stream;
  put({
    type: 'resumed',
    recovered: true,
    epoch,
    ackedSamples: found.samples,
    fromEventOffset: Math.min(lastEventOffset + 1, found.nextEvent),
  });
  for (const { event } of missed) put(JSON.parse(event) as ServerMessage); // as `openSession` wrote it
  if (stream === undefined) {
    put({ type: 'closed', samples: found.samples, durationSeconds: found.samples / start.sampleRate });
    return undefined;
  }
  const unsettledSamples = snapshot.samplesHeard;
  return {
    session: openSession({ record, stream, unsettledSamples, store, put, sampleRate: start.sampleRate }),
    start,
  };
}

function windowOf({ nextEvent, events }: SessionRecord): { nextOffset: number; events: readonly string[] } {
  return { nextOffset: nextEvent, events };
}
