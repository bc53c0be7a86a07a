/** One client of OpenAI's Realtime protocol: its messages in, events out in the order of what they answer. */
import { HearkenError } from '../../src/errors.ts';
import { revocation } from '../access/revocation.ts';
import { toFailure } from '../engine/protocol.ts';
import type { EngineClient } from '../engine/client.ts';
import type { IgnoredSettings } from '../ignored-settings.ts';
import { createOrderedSender, type OrderedSender } from '../ordered-sender.ts';
import { CLOSE, type Connection, type SocketMessage } from '../websockets.ts';
import { type AudioInput, type AudioInputOptions, openAudioInput } from './audio-input.ts';
import { type ClientEvent, type Dialect, eventIdOf, parseClientEvent, parseObject } from './client-event.ts';
import { dialectOf, requestedSettings } from './handshake.ts';
import { RequestError } from './request-error.ts';
import { errorEvent, failedEvent, newId, type ServerEvent, sessionEvent } from './server-event.ts';
import { areHeardApart, type Configured, configured, type RealtimeSettings } from './settings.ts';
import { createTurns, type TurnContext, type Turns } from './turns.ts';

export type RealtimeSessionOptions = AudioInputOptions & {
  readonly connection: Connection;
  readonly ignored: IgnoredSettings;
};

/** What is to be said, made when its turn has come. */
type Tell = () => readonly ServerEvent[];

/** The close code where the address asks for what cannot be had; an `error` event says why. OpenAI's. */
const REFUSED = 4000;
/** Audio that a client may leave without a commit, where it commits. */
const LONGEST_UNCOMMITTED_MS = 30 * 60_000;

/** Serves the client until it is done, gone or refused; never rejects. Resolves to why it was refused, if it was. */
export async function serveRealtime(options: RealtimeSessionOptions): Promise<HearkenError | undefined> {
  const { connection, engine, ignored } = options;
  const say = (event: ServerEvent): Promise<void> =>
    connection.send(JSON.stringify({ event_id: newId('event'), ...event }));
  let requested: Configured;
  try {
    requested = requestedSettings(connection.path, engine.models);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    await say(errorEvent(error, null));
    connection.close(REFUSED, `invalid_request_error.${error.wireCode}`);
    return error;
  }
  const { settings } = requested;
  ignored(requested.ignored);
  const turns = createTurns();
  const replies = createOrderedSender<Tell>(async (due) => {
    for (const event of due()) await say(event);
  });
  let refusal: HearkenError | undefined;
  const fail = (error: unknown): void => {
    if (refusal !== undefined) return;
    const { code, message } = toFailure(error);
    refusal = new HearkenError(code, message, { cause: error });
    void say(failedEvent(turns.itemId(), refusal));
    connection.close(code === 'limit/audio' ? CLOSE.overLimit : CLOSE.failure, code);
  };
  replies.failed.catch(fail);
  const input = openAudioInput(options, settings);
  const dialect = dialectOf(connection.headers);
  const own = { id: newId('sess'), engine, ignored, input, turns, replies };
  const session: RealtimeSession = { ...own, settings, dialect, committedMs: 0 };
  try {
    await tell(session, sessionEvent('created', dialect, session.id, settings));
    for await (const message of connection.messages) await take(session, message);
    await settle(session); // not everything that ends the messages is a client that left
    if (connection.drainReason() === 'revoked') {
      refusal = revocation();
      await tell(session, errorEvent(new RequestError('invalid_api_key', refusal.message), null));
    }
    await replies.sent();
    if (refusal === undefined) connection.close(CLOSE.restart, 'the server restarts');
    else connection.close(CLOSE.policy, refusal.code);
  } catch (error) {
    await replies.sent().catch(fail);
    fail(error);
  } finally {
    input.close();
  }
  return refusal;
}

/** What messages act on. */
type RealtimeSession = {
  readonly id: string;
  readonly engine: EngineClient;
  readonly ignored: IgnoredSettings;
  readonly input: AudioInput;
  readonly turns: Turns;
  readonly replies: OrderedSender<Tell>;
  settings: RealtimeSettings;
  dialect: Dialect;
  /** How much was received before the buffer was last emptied, by the client or for it. */ committedMs: number;
};

/** Takes one message; what is wrong with it is told. Rejects where the engine failed. */
async function take(session: RealtimeSession, message: SocketMessage): Promise<void> {
  let eventId: string | null = null;
  try {
    if (message.type === 'binary') {
      throw new RequestError('invalid_json', 'Expected a JSON object in a text frame, got a binary frame');
    }
    const json = parseObject(message.text);
    eventId = eventIdOf(json);
    const event = parseClientEvent(json);
    if (event.type === 'append') await append(session, event.audio);
    else if (event.type === 'update') await update(session, event);
    else await empty(session, event.type, eventId);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    await tell(session, errorEvent(error, eventId));
  }
}

async function append(session: RealtimeSession, audio: Uint8Array): Promise<void> {
  const { input, turns, replies, settings, committedMs } = session;
  if (settings.turnDetection === null && input.receivedMs() - committedMs > LONGEST_UNCOMMITTED_MS) {
    const expected = `Expected a commit after at most ${LONGEST_UNCOMMITTED_MS / 60_000} minutes of audio`;
    throw new RequestError('input_audio_buffer_full', `${expected}, got more audio`, 'audio');
  }
  const { heard } = await input.hear(audio);
  const context = contextOf(session);
  await replies.add(heard.then((events) => () => turns.hear(events, context)));
}

/** Commits the buffer or clears it. */
async function empty(session: RealtimeSession, how: 'commit' | 'clear', eventId: string | null): Promise<void> {
  const { input, turns, replies } = session;
  const flushed = input.flush();
  const context = contextOf(session);
  session.committedMs = context.receivedMs;
  const emptied = (events: Awaited<typeof flushed>): Tell =>
    how === 'clear' ? () => turns.clear(context) : () => turns.commit(events, context, eventId);
  await replies.add(flushed.then(emptied));
}

async function update(session: RealtimeSession, event: Extract<ClientEvent, { type: 'update' }>): Promise<void> {
  const { engine, ignored, input, replies, settings } = session;
  const path = event.dialect === 'beta' ? 'session.input_audio_transcription' : 'session.audio.input.transcription';
  const { settings: next, ...told } = configured(settings, event.change, { models: engine.models, path });
  ignored(told.ignored);
  if (areHeardApart(settings, next)) {
    await settle(session);
    await replies.sent();
    input.reopen(next);
    if (settings.turnDetection !== null) session.committedMs = input.receivedMs();
  }
  session.settings = next;
  session.dialect = event.dialect;
  await tell(session, sessionEvent('updated', event.dialect, session.id, next));
}

/** Settles what is under way; that ends a turn, where the server detects turns. */
function settle(session: RealtimeSession): Promise<void> {
  const { input, turns, replies } = session;
  const context = contextOf(session);
  return replies.add(input.flush().then((events) => () => turns.hear(events, context)));
}

function tell({ replies }: RealtimeSession, event: ServerEvent): Promise<void> {
  return replies.add(Promise.resolve(() => [event]));
}

function contextOf({ settings, dialect, input }: RealtimeSession): TurnContext {
  return { ...settings, dialect, receivedMs: input.receivedMs() };
}
