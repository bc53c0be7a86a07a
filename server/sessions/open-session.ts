/** A new session, or one that goes on from where its last durable state left it, on this server or another. */
import { randomUUID } from 'node:crypto';

import type { ResumeMessage, ServerMessage, StartMessage } from '../../client/protocol.ts';
import { HearkenError } from '../../src/errors.ts';
import type { RemoteStream } from '../engine/remote-stream.ts';
import type { StreamEvent, StreamSnapshot } from '../engine/protocol.ts';
import { ALIVE_SECONDS } from '../native/alive.ts';
import { parseStart } from '../native/client-message.ts';
import type { SessionMetrics } from '../session-metrics.ts';
import { eventsAfter } from './event-window.ts';
import { closedMessage, openSession, type Session } from './session.ts';
import type { SessionRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';
import { termAfter } from './succession.ts';
import { snapshotFromBytes, snapshotToBytes } from './stream-bytes.ts';

export type SessionContext = {
  readonly store: SessionStore;
  /** This process among those that share the store. */ readonly owner: string;
  /** Whose the session is, see `Identity.id`. */ readonly client: string;
  readonly metrics: SessionMetrics;
  /** Opens a stream as `start` asks for it. Throws `model/unknown-id` or `grammar/...`. */
  readonly openStream: (start: StartMessage, from?: StreamSnapshot) => OpenedStream;
  /** Version of the model that `start` gets now. Throws `model/unknown-id`. */
  readonly versionFor: (start: StartMessage) => string;
};

/** A stream, and the id and version of its model. */
export type OpenedStream = {
  readonly stream: RemoteStream<StreamEvent>;
  readonly model: string;
  readonly version: string;
};

export type OpenedSession = {
  /** What the client is told first. */ readonly greeting: readonly ServerMessage[];
  /** None where a resumed stream had ended: nothing more will come. */ readonly session: Session | undefined;
  /** How the stream began. */ readonly start: StartMessage;
};

/** A session that is greeted by `started`: it can be resumed. */
export async function startSession(context: SessionContext, start: StartMessage): Promise<OpenedSession> {
  const opened = context.openStream(start);
  const { stream, model } = opened;
  try {
    const record = await firstRecord(opened, start, context);
    await context.store.save(record);
    const { session: id, epoch } = record;
    const session = openSession({ ...context, record, stream, unsettledSamples: 0, sampleRate: sampleRateOf(start) });
    const started = { type: 'started', session: id, epoch, model, aliveEverySeconds: ALIVE_SECONDS } as const;
    return { greeting: [started], session, start };
  } catch (error) {
    stream.close(); // no session owns it
    throw error;
  }
}

async function firstRecord(
  { stream, model, version }: OpenedStream,
  start: StartMessage,
  { owner, client }: SessionContext,
): Promise<SessionRecord> {
  return {
    session: randomUUID(),
    epoch: randomUUID(),
    revision: 1,
    owner,
    tenure: { id: randomUUID(), term: 0 },
    client,
    modelVersion: version,
    samples: 0,
    nextEvent: 0,
    events: [],
    start: { ...start, model }, // where the default changes, the session stays with the model that it began with
    isClosed: false,
    state: snapshotToBytes(await stream.snapshot()),
  };
}

/**
 * Takes a session over, which is greeted by `resumed` and what the client has missed. Another owner is fenced off from here on. Throws
 * `session/...` with why nothing was taken over.
 */
export async function resumeSession(context: SessionContext, resume: ResumeMessage): Promise<OpenedSession> {
  const started = performance.now();
  const { owner, metrics } = context;
  const { epoch, lastEventOffset } = resume;
  const { found, record, missed } = await takeOver(context, resume);
  const start = parseStart(found.start);
  const sampleRate = sampleRateOf(start);
  const snapshot = snapshotFromBytes(found.state);
  const stream = found.isClosed ? undefined : reopenStream(context, found, snapshot);
  metrics.resumed(found.owner === owner ? 'recovered' : 'migrated', (performance.now() - started) / 1000);
  const greeting: ServerMessage[] = [
    {
      type: 'resumed',
      recovered: true,
      epoch,
      ackedSamples: found.samples,
      fromEventOffset: Math.min(lastEventOffset + 1, found.nextEvent),
      aliveEverySeconds: ALIVE_SECONDS,
    },
    ...missed.map(({ event }) => JSON.parse(event) as ServerMessage), // as `numberedEvents` wrote it
  ];
  if (stream === undefined) {
    return { greeting: [...greeting, closedMessage(found.samples, sampleRate)], session: undefined, start };
  }
  const unsettledSamples = snapshot.samplesHeard;
  return { greeting, session: openSession({ ...context, record, stream, unsettledSamples, sampleRate }), start };
}

type TakenOver = {
  /** The session's record as the owner before left it. */ readonly found: SessionRecord;
  /** Ours, and durable. */ readonly record: SessionRecord;
  readonly missed: ReturnType<typeof eventsAfter>;
};

const TAKE_OVER_ROUNDS = 16;

/**
 * The owner before may save once more between our look and our save, as one does whose connection was lost a moment ago:
 * then the session goes on from what it saved.
 */
async function takeOver(context: SessionContext, resume: ResumeMessage): Promise<TakenOver> {
  const { store, owner, client, versionFor } = context;
  for (let round = 1; ; round++) {
    const found = goesOnFrom(await store.load(resume.session), client, resume);
    if (!found.isClosed) assertVersion(found, versionFor(parseStart(found.start)));
    // A client may know events that came after the last durable state: they will come again, with the same numbers.
    const { lastEventOffset } = resume;
    const missed = lastEventOffset < found.nextEvent ? eventsAfter(windowOf(found), lastEventOffset) : [];
    const tenure = { id: randomUUID(), term: termAfter(found.tenure?.term ?? 0) };
    const record = { ...found, revision: found.revision + 1, owner, tenure };
    try {
      const { revision } = await store.save(record, found);
      return { found, record: { ...record, revision }, missed };
    } catch (error) {
      const isFenced = error instanceof HearkenError && error.code === 'session/fenced';
      if (!isFenced || round === TAKE_OVER_ROUNDS) throw error;
    }
  }
}

/** The record, where the client and it make a whole. */
function goesOnFrom(
  found: SessionRecord | undefined,
  client: SessionContext['client'],
  { epoch, firstSample }: ResumeMessage,
): SessionRecord {
  // What belongs to another client is as unknown as what never was.
  if (found === undefined || found.epoch !== epoch || found.client !== client) {
    throw new HearkenError('session/unknown', 'Expected a session of this server, got one that is unknown or expired');
  }
  if (firstSample > found.samples) {
    const expected = `Expected audio from sample ${found.samples} at least`;
    throw new HearkenError('session/audio-lost', `${expected}, got a client that has it from ${firstSample}`);
  }
  return found;
}

/** Once more with the version that it was opened in: models may have been loaded again while the session was taken over. */
function reopenStream(
  { openStream }: SessionContext,
  found: SessionRecord,
  snapshot: StreamSnapshot,
): OpenedStream['stream'] {
  const { stream, version } = openStream(parseStart(found.start), snapshot);
  try {
    assertVersion(found, version);
    return stream;
  } catch (error) {
    stream.close(); // no session owns it
    throw error;
  }
}

/** A state means nothing to other weights. Throws `session/model-changed`. */
function assertVersion({ modelVersion }: SessionRecord, served: string): void {
  if (modelVersion === served) return;
  throw new HearkenError('session/model-changed', `Expected a session of model ${served}, got one of ${modelVersion}`);
}

function windowOf({ nextEvent, events }: SessionRecord): { nextOffset: number; events: readonly string[] } {
  return { nextOffset: nextEvent, events };
}

function sampleRateOf(start: StartMessage): number | undefined {
  return 'sampleRate' in start ? start.sampleRate : undefined;
}
