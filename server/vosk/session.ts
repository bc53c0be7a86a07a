/** One client of the vosk-server protocol: frames in, exactly one reply for each that asks for one, in their order. */
import { createPcmDecoder } from '../../src/audio/pcm.ts';
import type { AreaOf, ErrorCode } from '../../src/error-codes.ts';
import { HearkenError } from '../../src/errors.ts';
import { revocation } from '../access/revocation.ts';
import type { RemoteStream, EngineClient, RecognitionEvent } from '../engine/client.ts';
import type { IgnoredSettings } from '../ignored-settings.ts';
import type { StreamMetrics } from '../metrics.ts';
import { createOrderedSender, type OrderedSender } from '../ordered-sender.ts';
import { CLOSE, type Connection, type SocketMessage } from '../websockets.ts';
import { emptyReply, partialReply, resultReply } from './reply.ts';
import { parseVoskRequest } from './request.ts';
import { configured, defaultSettings, hasIdlePath, renewed, type VoskSettings } from './settings.ts';

/** Of what clients send. */
export const ENCODING = 's16le';

/** What the client did last that matters for its next reply. */
type VoskRecognizer = {
  readonly stream: RemoteStream;
  readonly settings: VoskSettings;
  /** Whether audio came after the last result. */ isRunning: boolean;
  /** Of the utterance under way. */ partial: string;
};

export type VoskSessionOptions = {
  readonly connection: Connection;
  readonly engine: EngineClient;
  readonly metrics: StreamMetrics;
  readonly ignored: IgnoredSettings;
};

/** Serves the client until it is done, gone or refused; never rejects. Returns why it was refused, if it was. */
export async function serveVosk(options: VoskSessionOptions): Promise<HearkenError | undefined> {
  const { connection } = options;
  let refusal: HearkenError | undefined;
  const refuse = (error: unknown): void => {
    refusal ??= error instanceof HearkenError ? error : new HearkenError('engine/failed', String(error));
    connection.close(closeCodeOf(refusal), `${refusal.code}: ${refusal.message}`);
  };
  let session: VoskSession;
  try {
    session = openSession(options);
  } catch (error) {
    refuse(error); // no model of the server hears audio
    return refusal;
  }
  session.replies.failed.catch(refuse);
  try {
    let isOver = false;
    for await (const message of connection.messages) {
      isOver = await session.take(message);
      if (isOver) break;
    }
    await session.replies.sent();
    // Not everything that ends the messages is a client that left.
    if (isOver) connection.close(CLOSE.done, '');
    else if (connection.drainReason() === 'revoked') refuse(revocation());
    else connection.close(CLOSE.restart, 'server is shutting down');
  } catch (error) {
    await session.replies.sent().catch(refuse); // what was asked before is answered before
    refuse(error);
  } finally {
    session.close();
  }
  return refusal;
}

type VoskSession = {
  /** Takes one frame; whether it was the last one. */ readonly take: (message: SocketMessage) => Promise<boolean>;
  readonly replies: OrderedSender<string>;
  readonly close: () => void;
};

function openSession({ connection, engine, metrics, ignored }: VoskSessionOptions): VoskSession {
  const replies = createOrderedSender(connection.send);
  let settings = defaultSettings(engine.models, connection.path);
  if (hasIdlePath(engine.models, connection.path)) ignored(['path']);
  let recognizer: VoskRecognizer | undefined;

  const open = (): VoskRecognizer => {
    settings = renewed(settings, engine.models);
    const { model, sampleRate, grammar } = settings;
    const stream = engine.open({ model: model.id, sampleRate, grammar });
    return { stream, settings, isRunning: false, partial: '' };
  };
  const hear = async (bytes: Uint8Array): Promise<void> => {
    recognizer ??= open();
    const one = recognizer;
    await one.stream.room();
    const heard = metrics.timed(one.stream.push(samplesOf(bytes)));
    await replies.add(heard.then((events) => replyToAudio(one, events)));
  };
  const flush = async (): Promise<void> => {
    const one = recognizer;
    if (one === undefined) return replies.add(Promise.resolve(emptyReply(styleOf(settings))));
    await one.stream.room();
    await replies.add(metrics.timedFlush(one.stream.flush()).then((events) => replyToFlush(one, events)));
  };

  return {
    replies,
    take: async (message) => {
      if (message.type === 'binary') {
        await hear(message.bytes);
        return false;
      }
      const request = parseVoskRequest(message.text);
      ignored(request.ignored);
      if (request.type === 'config') {
        settings = configured(settings, request.config, engine.models);
        // Other settings are for the next stream, as upstream; another model begins one.
        if (request.config.model !== undefined && recognizer !== undefined) {
          await replies.sent();
          recognizer.stream.close();
          recognizer = undefined;
        }
        return false;
      }
      await flush();
      return request.type === 'eof';
    },
    close: () => recognizer?.stream.close(),
  };
}

function replyToAudio(recognizer: VoskRecognizer, events: readonly RecognitionEvent[]): string {
  recognizer.isRunning = true;
  const finals = note(recognizer, events);
  if (finals === undefined) return partialReply(recognizer.partial);
  if (recognizer.partial === '') recognizer.isRunning = false;
  return resultReply(finals, styleOf(recognizer.settings));
}

function replyToFlush(recognizer: VoskRecognizer, events: readonly RecognitionEvent[]): string {
  const style = styleOf(recognizer.settings);
  const finals = note(recognizer, events) ?? [];
  const hasHeard = recognizer.isRunning;
  recognizer.isRunning = false;
  return hasHeard ? resultReply(finals, style) : emptyReply(style);
}

/** Keeps the partial up to date; the words of all finals among the events, if there is any final. */
function note(
  recognizer: VoskRecognizer,
  events: readonly RecognitionEvent[],
): Extract<RecognitionEvent, { type: 'final' }>['words'] | undefined {
  const finals = events.filter((event) => event.type === 'final');
  for (const event of events) {
    if (event.type === 'partial') recognizer.partial = event.text;
    else if (event.type === 'final') recognizer.partial = '';
  }
  return finals.length === 0 ? undefined : finals.flatMap(({ words }) => words);
}

function styleOf({ words, maxAlternatives }: VoskSettings): { words: boolean; alternatives: boolean } {
  return { words, alternatives: maxAlternatives > 0 };
}

/** 16-bit samples. An odd byte at a frame's end is no sample; upstream leaves it out too. */
function samplesOf(bytes: Uint8Array): Float32Array {
  return createPcmDecoder({ encoding: ENCODING }).push(bytes);
}

/** Areas of errors in what the client asked for. */
const POLICY: ReadonlySet<string> = new Set<AreaOf<ErrorCode>>(['access', 'grammar', 'model', 'option', 'vosk']);

function closeCodeOf({ code }: HearkenError): number {
  if (code === 'vosk/json' || code === 'vosk/request' || code.startsWith('audio/')) return CLOSE.badData;
  if (code === 'limit/audio') return CLOSE.overLimit;
  return POLICY.has(code.split('/', 1)[0] ?? '') ? CLOSE.policy : CLOSE.failure;
}
