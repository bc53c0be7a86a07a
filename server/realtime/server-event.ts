/** What the server says, but for the `event_id` that every message gets when it is sent. */
import { randomBytes } from 'node:crypto';

import { HearkenError } from '../../src/errors.ts';
import type { Word } from '../../src/text/word.ts';
import type { ClientGrammar } from '../engine/stream-grammar.ts';
import type { Dialect } from './client-event.ts';
import { RequestError } from './request-error.ts';
import type { AudioFormat, RealtimeSettings } from './settings.ts';

export type LogProbability = { readonly token: string; readonly logprob: number; readonly bytes: number[] };

type TurnDetectionObject = {
  readonly type: 'server_vad';
  readonly threshold: number;
  readonly prefix_padding_ms: number;
  readonly silence_duration_ms: number;
};
type TranscriptionObject = {
  readonly model: string;
  readonly language?: string;
  readonly languages?: readonly string[];
  readonly grammar?: NonNullable<ClientGrammar>;
};
type Include = ['item.input_audio_transcription.logprobs'];

export type SessionObject = {
  readonly type: 'transcription';
  readonly object: 'realtime.transcription_session';
  readonly id: string;
  readonly audio: {
    readonly input: {
      readonly format: {
        readonly type: AudioFormat['type'];
        /** Sample rate of PCM in Hz. */
        readonly rate?: number;
      };
      readonly transcription: TranscriptionObject;
      readonly noise_reduction: null;
      readonly turn_detection: TurnDetectionObject | null;
    };
  };
  readonly include: Include | null;
};

export type BetaSessionObject = {
  readonly object: 'realtime.transcription_session';
  readonly id: string;
  readonly input_audio_format: 'pcm16' | 'g711_ulaw' | 'g711_alaw';
  readonly input_audio_transcription: TranscriptionObject;
  readonly input_audio_noise_reduction: null;
  readonly turn_detection: TurnDetectionObject | null;
  readonly include: Include | null;
};

/** A turn of speech; its transcript comes in events of its own. */
export type Item = {
  readonly id: string;
  readonly object: 'realtime.item';
  readonly type: 'message';
  readonly status: 'completed';
  readonly role: 'user';
  readonly content: [{ readonly type: 'input_audio'; readonly transcript: null }];
};

type OfItem = { readonly item_id: string };
type OfContent = OfItem & { readonly content_index: 0 };
type InOrder = { readonly previous_item_id: string | null };
type Fault = { readonly type: string; readonly code: string; readonly message: string };

export type ServerEvent =
  | { readonly type: 'session.created' | 'session.updated'; readonly session: SessionObject }
  | {
      readonly type: 'transcription_session.created' | 'transcription_session.updated';
      readonly session: BetaSessionObject;
    }
  | {
      readonly type: 'error';
      readonly error: Fault & { readonly param: string | null; readonly event_id: string | null };
    }
  | (OfItem & { readonly type: 'input_audio_buffer.speech_started'; readonly audio_start_ms: number })
  | (OfItem & { readonly type: 'input_audio_buffer.speech_stopped'; readonly audio_end_ms: number })
  | (OfItem & InOrder & { readonly type: 'input_audio_buffer.committed' })
  | { readonly type: 'input_audio_buffer.cleared' }
  | (InOrder & {
      readonly type: 'conversation.item.added' | 'conversation.item.done' | 'conversation.item.created';
      readonly item: Item;
    })
  | (OfContent & {
      readonly type: 'conversation.item.input_audio_transcription.delta';
      readonly delta: string;
      readonly logprobs: LogProbability[] | null;
    })
  | (OfContent & {
      readonly type: 'conversation.item.input_audio_transcription.completed';
      readonly transcript: string;
      readonly logprobs: LogProbability[] | null;
      /** Language of the model, for a client that had named several. */
      readonly languages?: readonly [{ readonly code: string }];
      readonly usage: { readonly type: 'duration'; readonly seconds: number };
    })
  | (OfContent & { readonly type: 'conversation.item.input_audio_transcription.failed'; readonly error: Fault });

/** A name that is not given twice, for example `item_5f2c...`. */
export function newId(kind: 'event' | 'item' | 'sess'): string {
  return `${kind}_${randomBytes(12).toString('hex')}`;
}

export function errorEvent(error: RequestError, eventId: string | null): ServerEvent {
  const { wireCode, message, param } = error;
  return {
    type: 'error',
    error: { type: 'invalid_request_error', code: wireCode, message, param, event_id: eventId },
  };
}

/** The event that says why the audio of an item was not transcribed. */
export function failedEvent(itemId: string, { code, message }: HearkenError): ServerEvent {
  return {
    type: 'conversation.item.input_audio_transcription.failed',
    item_id: itemId,
    content_index: 0,
    error: { type: 'server_error', code, message },
  };
}

/** Tells a session's whole settings. */
export function sessionEvent(
  what: 'created' | 'updated',
  dialect: Dialect,
  id: string,
  settings: RealtimeSettings,
): ServerEvent {
  const { format, hasLogprobs } = settings;
  const include: Include | null = hasLogprobs ? ['item.input_audio_transcription.logprobs'] : null;
  const transcription = transcriptionOf(settings);
  const turn_detection = turnDetectionOf(settings);
  const object = 'realtime.transcription_session';
  if (dialect === 'beta') {
    const session = {
      object,
      id,
      input_audio_format: BETA_FORMATS[format.type],
      input_audio_transcription: transcription,
      input_audio_noise_reduction: null,
      turn_detection,
      include,
    } as const;
    return { type: `transcription_session.${what}`, session };
  }
  const input = {
    format: format.type === 'audio/pcm' ? format : { type: format.type },
    transcription,
    noise_reduction: null,
    turn_detection,
  } as const;
  return { type: `session.${what}`, session: { type: 'transcription', object, id, audio: { input }, include } };
}

const BETA_FORMATS = { 'audio/pcm': 'pcm16', 'audio/pcmu': 'g711_ulaw', 'audio/pcma': 'g711_alaw' } as const;

function transcriptionOf({ model, language, languages, grammar }: RealtimeSettings): TranscriptionObject {
  return {
    model: model.id,
    ...(language !== undefined && { language }),
    ...(languages !== undefined && { languages }),
    ...(grammar !== undefined && { grammar }),
  };
}

function turnDetectionOf({ turnDetection }: RealtimeSettings): TurnDetectionObject | null {
  if (turnDetection === null) return null;
  const { threshold, prefixPaddingMs, silenceDurationMs } = turnDetection;
  return {
    type: 'server_vad',
    threshold,
    prefix_padding_ms: prefixPaddingMs,
    silence_duration_ms: silenceDurationMs,
  };
}

/** Words as tokens, and how probable each is to be right; text before them is followed by a space. */
export function logProbabilitiesOf(words: readonly Word[], hasTextBefore = false): LogProbability[] {
  return words.map(({ word, confidence }, index) => {
    const token = index === 0 && !hasTextBefore ? word : ` ${word}`;
    return { token, logprob: Math.log(Math.max(confidence, Number.MIN_VALUE)), bytes: [...Buffer.from(token)] };
  });
}
