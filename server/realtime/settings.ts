/** How the audio of a session is heard: what its client chose, and what holds where it chose nothing. */
import type { SampleEncoding } from '../../src/audio/sample-encoding.ts';
import { HearkenError } from '../../src/errors.ts';
import type { OpenStream, ServedModel } from '../engine/client.ts';
import { type ClientGrammar, streamGrammar } from '../engine/stream-grammar.ts';
import { type Hints, hintedGrammar, vainHints } from './hints.ts';
import { isCommittedTo, modelCalled, modelSpeaking } from './model-choice.ts';
import { RequestError } from './request-error.ts';

/** One channel. */
export type AudioFormat = {
  readonly type: 'audio/pcm' | 'audio/pcmu' | 'audio/pcma';
  /** Sample rate in Hz; 8000 for G.711. */ readonly rate: number;
};

export const PCM_24_KHZ: AudioFormat = { type: 'audio/pcm', rate: 24_000 };

export const ENCODINGS: Readonly<Record<AudioFormat['type'], SampleEncoding>> = {
  'audio/pcm': 's16le',
  'audio/pcmu': 'mulaw',
  'audio/pcma': 'alaw',
};

/** Settings of the server's detection of turns. */
export type TurnDetection = {
  /** Probability that a sound is speech from which on it holds a turn open, 0..1. */ readonly threshold: number;
  /** Audio before the first word that belongs to the turn, 0..10,000 ms. */ readonly prefixPaddingMs: number;
  /** Silence after words that ends it, 100..10,000 ms. */ readonly silenceDurationMs: number;
};

export type RealtimeSettings = {
  readonly model: ServedModel;
  /** Language that the client named. */ readonly language: string | undefined;
  readonly languages: readonly string[] | undefined;
  /** Grammar that the client chose. */ readonly grammar: ClientGrammar;
  /** What the client says that may come. */ readonly hints: Hints;
  readonly format: AudioFormat;
  /** `null`: the client commits. */ readonly turnDetection: TurnDetection | null;
  /** Whether the client has said how turns are detected; else the name of its model decides. */
  readonly hasChosenTurns: boolean;
  readonly hasLogprobs: boolean;
};

/** The settings that an update names; the others stay. */
export type SettingsChange = {
  readonly format?: AudioFormat | undefined;
  readonly transcription?: TranscriptionChoice | undefined;
  readonly turnDetection?: Partial<TurnDetection> | null | undefined;
  readonly hasLogprobs?: boolean | undefined;
  /** Names of what the client asks for that has no effect. */ readonly ignored: readonly string[];
};

type TranscriptionChoice = {
  readonly model?: string | undefined;
  readonly language?: string | null | undefined;
  readonly languages?: readonly string[] | null | undefined;
  readonly grammar?: ClientGrammar;
  readonly keywords?: readonly string[] | null | undefined;
  readonly prompt?: string | null | undefined;
};

/** Detection of turns for a client that does not choose. */
function turnDetectionOf({ endpointing }: ServedModel): TurnDetection {
  return { threshold: 1 - endpointing.blankThreshold, prefixPaddingMs: 300, silenceDurationMs: 700 };
}

/** Settings, and the names of what the client asked for that they do not follow. */
export type Configured = { readonly settings: RealtimeSettings; readonly ignored: readonly string[] };

/** The settings of a session that begins, for a model of that name. Throws a `RequestError`. */
export function settingsWith(models: readonly ServedModel[], modelId: string | undefined): Configured {
  const { model, isStandIn } = modelCalled(modelId, models, 'model');
  const settings = {
    model,
    language: undefined,
    languages: undefined,
    grammar: undefined,
    hints: {},
    format: PCM_24_KHZ,
    turnDetection: defaultTurnDetection(modelId, model),
    hasChosenTurns: false,
    hasLogprobs: false,
  };
  return { settings, ignored: isStandIn ? ['model'] : [] };
}

function defaultTurnDetection(modelId: string | undefined, model: ServedModel): TurnDetection | null {
  return isCommittedTo(modelId) ? null : turnDetectionOf(model);
}

/**
 * The settings after a change. Throws a `RequestError` on a model, language or grammar that this server does not have,
 * which the client named at `path`.
 */
export function configured(
  settings: RealtimeSettings,
  change: SettingsChange,
  { models, path }: { readonly models: readonly ServedModel[]; readonly path: string },
): Configured {
  const {
    format = settings.format,
    hasLogprobs = settings.hasLogprobs,
    transcription,
    turnDetection,
    ignored,
  } = change;
  const chosen = transcription && transcriptionOf(settings.model, transcription, { models, path });
  const named = transcription?.model;
  const { model } = chosen?.settings ?? settings;
  const next = {
    ...settings,
    format,
    hasLogprobs,
    ...(named !== undefined && !settings.hasChosenTurns && { turnDetection: defaultTurnDetection(named, model) }),
    ...chosen?.settings,
    ...(turnDetection !== undefined && {
      hasChosenTurns: true,
      turnDetection: turnDetection && { ...turnDetectionOf(model), ...turnDetection },
    }),
  };
  return { settings: next, ignored: [...ignored, ...(chosen?.ignored ?? [])] };
}

/** Options of a stream with these settings. */
export function openingOf({ model, grammar, hints, format, turnDetection }: RealtimeSettings): OpenStream {
  const { threshold, silenceDurationMs } = turnDetection ?? turnDetectionOf(model);
  return {
    model: model.id,
    sampleRate: format.rate,
    grammar: streamGrammar(model, hintedGrammar(grammar, hints)).grammar,
    endpointing: { pauseMs: silenceDurationMs, blankThreshold: 1 - threshold },
  };
}

/** Whether a stream that is heard by `a` cannot go on by `b`. */
export function needOtherStream(a: RealtimeSettings, b: RealtimeSettings): boolean {
  const keyOf = ({ model, grammar, hints, format, turnDetection }: RealtimeSettings): string =>
    JSON.stringify([model.id, grammar, hints, format, turnDetection]);
  return keyOf(a) !== keyOf(b);
}

type Transcription = Pick<RealtimeSettings, 'model' | 'language' | 'languages' | 'grammar' | 'hints'>;

function transcriptionOf(
  current: ServedModel,
  { model: id, language: oneLanguage, languages: someLanguages, grammar, keywords, prompt }: TranscriptionChoice,
  { models, path }: { readonly models: readonly ServedModel[]; readonly path: string },
): { readonly settings: Transcription; readonly ignored: readonly string[] } {
  const named = id === undefined ? undefined : modelCalled(id, models, `${path}.model`);
  const language = oneLanguage === null || oneLanguage === '' ? undefined : oneLanguage; // both stand for any
  const languages = someLanguages === null || someLanguages?.length === 0 ? undefined : someLanguages;
  const [wanted, field] = language === undefined ? [languages, 'languages'] : [[language], 'language'];
  const choice = named === undefined || named.isStandIn ? [named?.model ?? current, ...models] : [named.model];
  const [first = current] = choice;
  const model = wanted === undefined ? first : modelSpeaking(wanted, choice, `${path}.${field}`);
  assertGrammar(model, grammar, `${path}.grammar`);
  const hints = { ...(keywords && { keywords }), ...(prompt && { prompt }) };
  const transcription = path.slice(path.lastIndexOf('.') + 1);
  const inVain = vainHints(model, grammar, hints).map((name) => `${transcription}.${name}`);
  const standIn = named?.isStandIn === true ? ['transcription.model'] : [];
  return { settings: { model, language, languages, grammar, hints }, ignored: [...inVain, ...standIn] };
}

function assertGrammar(model: ServedModel, grammar: ClientGrammar, param: string): void {
  try {
    streamGrammar(model, grammar);
  } catch (error) {
    throw error instanceof HearkenError ? new RequestError('invalid_value', error.message, param) : error;
  }
}
