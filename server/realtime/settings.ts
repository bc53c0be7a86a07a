/** How the audio of a session is heard: what its client chose, and what holds where it chose nothing. */
import type { SampleEncoding } from '../../src/audio/sample-encoding.ts';
import { HearkenError } from '../../src/errors.ts';
import { DEFAULT_ENDPOINTING } from '../../src/search/endpoint-rules.ts';
import { resolveGrammar } from '../../src/text/vocabulary.ts';
import type { OpenStream, ServedModel } from '../engine/hearing.ts';
import { RequestError } from './request-error.ts';

/** One channel. */
export type AudioFormat = {
  readonly type: 'audio/pcm' | 'audio/pcmu' | 'audio/pcma';
  /** Hz; 8000 for G.711. */ readonly rate: number;
};

export const PCM_24_KHZ: AudioFormat = { type: 'audio/pcm', rate: 24_000 };

export const ENCODINGS: Readonly<Record<AudioFormat['type'], SampleEncoding>> = {
  'audio/pcm': 's16le',
  'audio/pcmu': 'mulaw',
  'audio/pcma': 'alaw',
};

/** Where the server ends a turn. */
export type TurnDetection = {
  /** How probable a sound of speech must be to hold a turn open, 0..1. */ readonly threshold: number;
  /** How much before the first word the turn is said to begin, 0..10,000 ms. */ readonly prefixPaddingMs: number;
  /** Silence after words that ends it, 100..10,000 ms. */ readonly silenceDurationMs: number;
};

export type RealtimeSettings = {
  readonly model: ServedModel;
  /** As the client named it. */ readonly language: string | undefined;
  /** As the client chose it. */ readonly grammar: string | readonly string[] | undefined;
  readonly format: AudioFormat;
  /** `null`: the client commits. */ readonly turnDetection: TurnDetection | null;
  readonly hasLogprobs: boolean;
};

/** What of the settings an update names; the rest stays. */
export type SettingsChange = {
  readonly format?: AudioFormat | undefined;
  readonly transcription?: TranscriptionChoice | undefined;
  readonly turnDetection?: Partial<TurnDetection> | null | undefined;
  readonly hasLogprobs?: boolean | undefined;
};

type TranscriptionChoice = {
  readonly model?: string | undefined;
  readonly language?: string | null | undefined;
  readonly grammar?: string | readonly string[] | undefined;
};

const DEFAULT_TURN_DETECTION: TurnDetection = {
  threshold: 1 - DEFAULT_ENDPOINTING.blankThreshold,
  prefixPaddingMs: 300,
  silenceDurationMs: 700,
};

/** The settings of a session that begins, with the model of that id or the first. Throws a `RequestError`. */
export function settingsWith(models: readonly ServedModel[], modelId: string | undefined): RealtimeSettings {
  return {
    model: modelCalled(modelId ?? models[0]?.id ?? '', models, 'model'),
    language: undefined,
    grammar: undefined,
    format: PCM_24_KHZ,
    turnDetection: DEFAULT_TURN_DETECTION,
    hasLogprobs: false,
  };
}

/** Throws a `RequestError` on a model, language or grammar that this server does not have, which the client named at `path`. */
export function configured(
  settings: RealtimeSettings,
  change: SettingsChange,
  { models, path }: { readonly models: readonly ServedModel[]; readonly path: string },
): RealtimeSettings {
  const { format = settings.format, hasLogprobs = settings.hasLogprobs, transcription, turnDetection } = change;
  return {
    ...settings,
    format,
    hasLogprobs,
    ...(transcription && transcriptionOf(settings.model, transcription, { models, path })),
    ...(turnDetection !== undefined && {
      turnDetection: turnDetection && { ...DEFAULT_TURN_DETECTION, ...turnDetection },
    }),
  };
}

/** What a stream that is heard so is opened with. */
export function openingOf({ model, grammar, format, turnDetection }: RealtimeSettings): OpenStream {
  const { threshold, silenceDurationMs } = turnDetection ?? DEFAULT_TURN_DETECTION;
  return {
    model: model.id,
    sampleRate: format.rate,
    grammar: resolveGrammar(model.vocabulary, grammar),
    endpointing: { pauseMs: silenceDurationMs, blankThreshold: 1 - threshold },
  };
}

/** Whether a stream that is heard by `a` cannot go on by `b`. */
export function areHeardApart(a: RealtimeSettings, b: RealtimeSettings): boolean {
  const heardBy = ({ model, grammar, format, turnDetection }: RealtimeSettings): string =>
    JSON.stringify([model.id, grammar, format, turnDetection]);
  return heardBy(a) !== heardBy(b);
}

function transcriptionOf(
  current: ServedModel,
  { model: id, language, grammar }: TranscriptionChoice,
  { models, path }: { readonly models: readonly ServedModel[]; readonly path: string },
): Pick<RealtimeSettings, 'model' | 'language' | 'grammar'> {
  const named = id === undefined ? undefined : modelCalled(id, models, `${path}.model`);
  const wanted = language === null || language === '' ? undefined : language; // both stand for any
  const choice = named === undefined ? [current, ...models] : [named];
  const model = wanted === undefined ? (named ?? current) : modelSpeaking(wanted, choice, `${path}.language`);
  assertGrammar(model, grammar, `${path}.grammar`);
  return { model, language: wanted, grammar };
}

function modelCalled(id: string, models: readonly ServedModel[], param: string): ServedModel {
  const model = models.find((each) => each.id === id);
  if (model !== undefined) return model;
  const known = models.map((each) => each.id).join(', ');
  throw new RequestError('model_not_found', `Expected a model of this server (${known}), got another`, param);
}

/** The first of the models for a language; `en-GB` is heard by a model for `en`. */
function modelSpeaking(language: string, models: readonly ServedModel[], param: string): ServedModel {
  const primary = (tag: string): string => tag.split('-', 1)[0]?.toLowerCase() ?? '';
  const model = models.find((each) => primary(each.language) === primary(language));
  if (model !== undefined) return model;
  const known = [...new Set(models.map((each) => each.language))].join(', ');
  throw new RequestError('unsupported_language', `Expected a language of the model (${known}), got another`, param);
}

function assertGrammar({ vocabulary }: ServedModel, grammar: RealtimeSettings['grammar'], param: string): void {
  try {
    resolveGrammar(vocabulary, grammar);
  } catch (error) {
    throw error instanceof HearkenError ? new RequestError('invalid_value', error.message, param) : error;
  }
}
