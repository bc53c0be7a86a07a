/** The vosk-server protocol without its socket: frames in, exactly one reply for each that asks for one, in their order. */
import { createPcmDecoder } from '../../src/audio/pcm.ts';
import type { AreaOf, ErrorCode } from '../../src/error-codes.ts';
import type { HearkenError } from '../../src/errors.ts';
import type { FinalEvent } from '../../src/recognizer/events.ts';
import { revocation } from '../access/revocation.ts';
import type { RecognitionEvent, ServedModel } from '../engine/client.ts';
import { CLOSE, type SocketMessage } from '../websockets.ts';
import type { Answer, Close, Command, Received, WireProtocol } from '../wire-protocol.ts';
import { emptyReply, partialReply, type ReplyStyle, resultReply } from './reply.ts';
import { parseVoskRequest } from './request.ts';
import { configured, defaultSettings, hasIdlePath, renewed, type VoskSettings } from './settings.ts';

/** Encoding of the samples that clients send. */
const ENCODING = 's16le';

/** What was asked for, and how its reply is written. */
export type VoskNote = { readonly style: ReplyStyle } & (
  | {
      readonly kind: 'audio';
      /** Whether a stream begins with it. */
      readonly isFirst: boolean;
    }
  | { readonly kind: 'result' }
  /** A result of no audio at all. */
  | { readonly kind: 'nothing' }
);

/** Opens the protocol for a client that has connected at `path`. */
export function openVosk(path: string): WireProtocol<VoskNote> {
  return {
    read: createReader(path),
    write: createWriter(),
    refuse: (error) => ({ frames: [], close: refused(error) }),
  };
}

function createReader(path: string): WireProtocol<VoskNote>['read'] {
  let chosen: VoskSettings | undefined;
  /** Settings of the stream that is open. */
  let open: VoskSettings | undefined;

  /** The command for 16-bit samples. An odd byte at a frame's end is no sample; upstream leaves it out too. */
  const push = (settings: VoskSettings, bytes: Uint8Array, models: readonly ServedModel[]): Command<VoskNote>[] => {
    const isFirst = open === undefined;
    open ??= chosen = renewed(settings, models);
    const samples = createPcmDecoder({ encoding: ENCODING }).push(bytes);
    const audio = { type: 'push', samples, note: { kind: 'audio', isFirst, style: styleOf(open) } } as const;
    if (!isFirst) return [audio];
    const { model, sampleRate, grammar } = open;
    const options = { model: model.id, sampleRate, grammar };
    return [{ type: 'open', options, encoding: ENCODING, secondsBefore: 0 }, audio];
  };
  const obey = (settings: VoskSettings, text: string, models: readonly ServedModel[]): Command<VoskNote>[] => {
    const request = parseVoskRequest(text);
    const ignored = { type: 'ignored', names: request.ignored } as const;
    if (request.type === 'config') {
      chosen = configured(settings, request.config, models);
      // Other settings are for the next stream, as upstream; another model begins one.
      if (request.config.model === undefined || open === undefined) return [ignored];
      open = undefined;
      return [ignored, { type: 'end' }];
    }
    const result: Command<VoskNote> =
      open === undefined
        ? { type: 'tell', note: { kind: 'nothing', style: styleOf(settings) } }
        : { type: 'flush', note: { kind: 'result', style: styleOf(open) } };
    return request.type === 'reset' ? [ignored, result] : [ignored, result, closing(CLOSE.done, '')];
  };
  const take = (message: SocketMessage, models: readonly ServedModel[]): Command<VoskNote>[] => {
    chosen ??= defaultSettings(models, path);
    return message.type === 'binary' ? push(chosen, message.bytes, models) : obey(chosen, message.text, models);
  };

  return (received, models) => {
    if (received.type === 'left') return [departure(received)];
    if (received.type !== 'joined') return take(received, models);
    chosen = defaultSettings(models, path); // refuses where no model of the server hears audio
    return hasIdlePath(models, path) ? [{ type: 'ignored', names: ['path'] }] : [];
  };
}

function createWriter(): WireProtocol<VoskNote>['write'] {
  let isRunning = false; // whether audio came after the last result
  let partial = ''; // of the utterance under way

  /** Keeps the partial up to date; the words of all finals among the events, if there is any final. */
  const takeIn = (events: readonly RecognitionEvent[]): readonly FinalEvent[] | undefined => {
    for (const event of events) {
      if (event.type === 'partial') partial = event.text;
      else if (event.type === 'final') partial = '';
    }
    const finals = events.filter((event) => event.type === 'final');
    return finals.length === 0 ? undefined : finals;
  };
  const replyToAudio = (events: readonly RecognitionEvent[], style: ReplyStyle): string => {
    isRunning = true;
    const finals = takeIn(events);
    if (finals === undefined) return partialReply(partial);
    if (partial === '') isRunning = false;
    return resultReply(finals, style);
  };
  const replyToResult = (events: readonly RecognitionEvent[], style: ReplyStyle): string => {
    const finals = takeIn(events) ?? [];
    const hasAudio = isRunning;
    isRunning = false;
    return hasAudio ? resultReply(finals, style) : emptyReply(style);
  };

  return ({ note, events }: Answer<VoskNote>) => {
    if (note.kind === 'nothing') return [emptyReply(note.style)];
    if (note.kind === 'result') return [replyToResult(events, note.style)];
    if (note.isFirst) [isRunning, partial] = [false, ''];
    return [replyToAudio(events, note.style)];
  };
}

function styleOf({ words, maxAlternatives }: VoskSettings): ReplyStyle {
  return { words, alternatives: maxAlternatives > 0 };
}

/** The end of the connection, where the messages end: the client left, or the server drains. */
function departure({ drainReason }: Extract<Received, { type: 'left' }>): Close {
  return drainReason === 'revoked' ? refused(revocation()) : closing(CLOSE.restart, 'server is shutting down');
}

function closing(code: number, reason: string): Close {
  return { type: 'close', code, reason };
}

function refused(refusal: HearkenError): Close {
  return { ...closing(closeCodeOf(refusal), `${refusal.code}: ${refusal.message}`), refusal };
}

/** Areas of errors in what the client asked for. */
const POLICY: ReadonlySet<string> = new Set<AreaOf<ErrorCode>>(['access', 'grammar', 'model', 'option', 'vosk']);

function closeCodeOf({ code }: HearkenError): number {
  if (code === 'vosk/json' || code === 'vosk/request' || code.startsWith('audio/')) return CLOSE.badData;
  if (code === 'limit/audio') return CLOSE.overLimit;
  return POLICY.has(code.split('/', 1)[0] ?? '') ? CLOSE.policy : CLOSE.failure;
}
