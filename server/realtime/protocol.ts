/** OpenAI's Realtime protocol without its socket: messages in, events out in the order of what they answer. */
import type { IncomingHttpHeaders } from 'node:http';

import type { HearkenError } from '../../src/errors.ts';
import { revocation } from '../access/revocation.ts';
import type { ServedModel } from '../engine/client.ts';
import { CLOSE } from '../websockets.ts';
import type { Answer, Close, Command, Received, WireProtocol } from '../wire-protocol.ts';
import { type ClientEvent, type Dialect, eventIdOf, parseClientEvent, parseObject } from './client-event.ts';
import { type CountedAudio, countAudio } from './counted-audio.ts';
import { dialectOf, requestedSettings } from './handshake.ts';
import { RequestError } from './request-error.ts';
import { errorEvent, failedEvent, newId, type ServerEvent, sessionEvent } from './server-event.ts';
import {
  needOtherStream,
  type Configured,
  configured,
  ENCODINGS,
  openingOf,
  type RealtimeSettings,
} from './settings.ts';
import { createTurns, type TurnContext, type Turns } from './turns.ts';

/** What was asked for, and the settings at that moment. */
export type RealtimeNote =
  | { readonly kind: 'words' | 'clear'; readonly context: TurnContext }
  | { readonly kind: 'commit'; readonly context: TurnContext; readonly eventId: string | null }
  /** Something to be said in its turn. */
  | { readonly kind: 'nothing'; readonly event: ServerEvent };

type RealtimeCommand = Command<RealtimeNote>;

/** The close code where the address asks for what cannot be had; an `error` event says why. OpenAI's. */
const REFUSED = 4000;
/** Audio that a client may leave without a commit, where it commits. */
const LONGEST_UNCOMMITTED_MS = 30 * 60_000;

/** Opens the protocol for a client that has connected by `handshake`, where these models are served. */
export function openRealtime(
  handshake: { readonly path: string; readonly headers: IncomingHttpHeaders },
  models: readonly ServedModel[],
): WireProtocol<RealtimeNote> {
  const turns = createTurns();
  return {
    read: readerFor(handshake, models),
    write: (answer) => framesOf(eventsOf(answer, turns)),
    refuse: (error) => ({ frames: framesOf([failedEvent(turns.itemId(), error)]), close: failed(error) }),
  };
}

function readerFor(
  { path, headers }: Parameters<typeof openRealtime>[0],
  models: readonly ServedModel[],
): WireProtocol<RealtimeNote>['read'] {
  let requested: Configured;
  try {
    requested = requestedSettings(path, models);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const close = { type: 'close', code: REFUSED, reason: `invalid_request_error.${error.wireCode}` } as const;
    return () => [telling(errorEvent(error, null)), { ...close, refusal: error }];
  }
  const { settings, ignored } = requested;
  const dialect = dialectOf(headers);
  const id = newId('sess');
  const session: RealtimeSession = {
    id,
    settings,
    dialect,
    audio: countAudio(settings.format),
    isOpen: false,
    committedMs: 0,
  };
  return (received, served) => {
    if (received.type === 'left') return leave(session, received);
    if (received.type !== 'joined') return take(session, received, served);
    return [{ type: 'ignored', names: ignored }, telling(sessionEvent('created', dialect, id, settings))];
  };
}

/** State of the session that messages act on. */
type RealtimeSession = {
  readonly id: string;
  settings: RealtimeSettings;
  dialect: Dialect;
  readonly audio: CountedAudio;
  /** Whether a stream is open that hears by these settings. */ isOpen: boolean;
  /** Milliseconds of audio received before the buffer was last emptied, by the client or for it. */
  committedMs: number;
};

type Message = Exclude<Received, { type: 'joined' | 'left' }>;

/** The commands of one message; a wrong message gives an `error` event. */
function take(session: RealtimeSession, message: Message, models: readonly ServedModel[]): RealtimeCommand[] {
  let eventId: string | null = null;
  try {
    if (message.type === 'binary') {
      throw new RequestError('invalid_json', 'Expected a JSON object in a text frame, got a binary frame');
    }
    const json = parseObject(message.text);
    eventId = eventIdOf(json);
    const event = parseClientEvent(json);
    if (event.type === 'append') return append(session, event.audio, models);
    if (event.type === 'update') return update(session, event, models);
    return empty(session, event.type, eventId);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return [telling(errorEvent(error, eventId))];
  }
}

function append(session: RealtimeSession, bytes: Uint8Array, models: readonly ServedModel[]): RealtimeCommand[] {
  const { audio, settings, committedMs, isOpen } = session;
  if (settings.turnDetection === null && audio.receivedMs() - committedMs > LONGEST_UNCOMMITTED_MS) {
    const expected = `Expected a commit after at most ${LONGEST_UNCOMMITTED_MS / 60_000} minutes of audio`;
    throw new RequestError('input_audio_buffer_full', `${expected}, got more audio`, 'audio');
  }
  const samples = audio.take(bytes);
  if (samples.length === 0) return [];
  const push = { type: 'push', samples, note: { kind: 'words', context: contextOf(session) } } as const;
  if (isOpen) return [push];
  session.isOpen = true;
  const model = models.find(({ id }) => id === settings.model.id) ?? settings.model; // perhaps loaded again since
  const options = openingOf({ ...settings, model });
  const encoding = ENCODINGS[settings.format.type];
  return [{ type: 'open', options, encoding, secondsBefore: audio.secondsBefore() }, push];
}

/** Commits the buffer or clears it. */
function empty(session: RealtimeSession, kind: 'commit' | 'clear', eventId: string | null): RealtimeCommand[] {
  session.audio.cut();
  const context = contextOf(session);
  session.committedMs = context.receivedMs;
  const note: RealtimeNote = kind === 'clear' ? { kind, context } : { kind, context, eventId };
  return [session.isOpen ? { type: 'flush', note } : { type: 'tell', note }];
}

function update(
  session: RealtimeSession,
  { dialect, change }: Extract<ClientEvent, { type: 'update' }>,
  models: readonly ServedModel[],
): RealtimeCommand[] {
  const { audio, settings } = session;
  const path = dialect === 'beta' ? 'session.input_audio_transcription' : 'session.audio.input.transcription';
  const { settings: next, ignored } = configured(settings, change, { models, path });
  const commands: RealtimeCommand[] = [{ type: 'ignored', names: ignored }];
  if (needOtherStream(settings, next)) {
    commands.push(...settle(session), { type: 'end' });
    session.isOpen = false;
    audio.goOn(next.format);
    if (settings.turnDetection !== null) session.committedMs = audio.receivedMs();
  }
  session.settings = next;
  session.dialect = dialect;
  return [...commands, telling(sessionEvent('updated', dialect, session.id, next))];
}

/** Settles what is under way; that ends a turn, where the server detects turns. */
function settle(session: RealtimeSession): RealtimeCommand[] {
  session.audio.cut();
  return session.isOpen ? [{ type: 'flush', note: { kind: 'words', context: contextOf(session) } }] : [];
}

/** The end of the session, where the messages end: the client left, or the server drains. */
function leave(session: RealtimeSession, { drainReason }: Extract<Received, { type: 'left' }>): RealtimeCommand[] {
  if (drainReason !== 'revoked') {
    return [...settle(session), { type: 'close', code: CLOSE.restart, reason: 'the server restarts' }];
  }
  const refusal = revocation();
  const error = telling(errorEvent(new RequestError('invalid_api_key', refusal.message), null));
  return [...settle(session), error, { type: 'close', code: CLOSE.policy, reason: refusal.code, refusal }];
}

function telling(event: ServerEvent): RealtimeCommand {
  return { type: 'tell', note: { kind: 'nothing', event } };
}

function contextOf({ settings, dialect, audio }: RealtimeSession): TurnContext {
  return { ...settings, dialect, receivedMs: audio.receivedMs() };
}

function eventsOf({ note, events }: Answer<RealtimeNote>, turns: Turns): readonly ServerEvent[] {
  if (note.kind === 'nothing') return [note.event];
  if (note.kind === 'commit') return turns.commit(events, note.context, note.eventId);
  return note.kind === 'clear' ? turns.clear(note.context) : turns.takeEvents(events, note.context);
}

function framesOf(events: readonly ServerEvent[]): string[] {
  return events.map((event) => JSON.stringify({ event_id: newId('event'), ...event }));
}

function failed(refusal: HearkenError): Close {
  const { code: reason } = refusal;
  return { type: 'close', code: reason === 'limit/audio' ? CLOSE.overLimit : CLOSE.failure, reason, refusal };
}
