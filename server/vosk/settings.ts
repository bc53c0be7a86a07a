import { HearkenError } from '../../src/errors.ts';
import { shortened } from '../../src/text/shortened.ts';
import type { Phrase } from '../../src/grammar/phrases.ts';
import type { ServedModel } from '../engine/client.ts';
import { type ClientGrammar, type StreamGrammar, streamGrammar } from '../engine/stream-grammar.ts';
import type { VoskConfig } from './request.ts';

/** What a client has asked for so far; its next stream is opened with it. */
export type VoskSettings = {
  readonly model: ServedModel;
  /** Sample rate of the client's audio in Hz. */ readonly sampleRate: number;
  readonly words: boolean;
  readonly maxAlternatives: number;
  /** What the client chose; default the model's default grammar. */ readonly choice: ClientGrammar;
  readonly grammar: StreamGrammar;
};

/** Range of sample rates in Hz: lower ones carry no speech, higher ones nobody sends. */
const RATES = { lowest: 4000, highest: 192_000 };
/** Phrase that stands for any other word. Words outside the grammar are not recognized here. */
const UNKNOWN_WORD = '[unk]';

/** vosk-server's own defaults. The model is the one that the path names, else the first. */
export function defaultSettings(models: readonly ServedModel[], path: string): VoskSettings {
  const name = decodePath(path);
  const model = models.find(({ id }) => id === name) ?? models[0];
  if (model === undefined) throw new HearkenError('model/unknown-id', 'Expected a server with a model, got none');
  return {
    model,
    sampleRate: 8000,
    words: true,
    maxAlternatives: 0,
    choice: undefined,
    grammar: streamGrammar(model, undefined).grammar,
  };
}

/** Whether something of the path is no model's id: clients of servers with one model have made it up. */
export function hasIdlePath(models: readonly ServedModel[], path: string): boolean {
  const isBare = /^\/*$/.test(path);
  return !isBare && (path.includes('?') || models.every(({ id }) => id !== decodePath(path)));
}

/** Throws `model/unknown-id`, `vosk/sample-rate` or `grammar/...` on values that cannot be had. */
export function configured(settings: VoskSettings, config: VoskConfig, models: readonly ServedModel[]): VoskSettings {
  const { sample_rate: sampleRate = settings.sampleRate, phrase_list: phrases, grammar } = config;
  const model = config.model === undefined ? settings.model : modelCalled(config.model, models);
  if (!Number.isInteger(sampleRate) || sampleRate < RATES.lowest || sampleRate > RATES.highest) {
    throw new HearkenError(
      'vosk/sample-rate',
      `Expected \`sample_rate\` to be a whole number in ${RATES.lowest}..${RATES.highest}, got ${sampleRate}`,
    );
  }
  const choice = grammar ?? (phrases === undefined ? settings.choice : choiceOf(phrases));
  return {
    model,
    sampleRate,
    choice,
    words: config.words ?? settings.words,
    maxAlternatives: config.max_alternatives ?? settings.maxAlternatives,
    grammar: streamGrammar(model, choice).grammar,
  };
}

/**
 * The settings with the models that are served now. Throws `grammar/...` where a model was loaded again that lacks a
 * word.
 */
export function renewed(settings: VoskSettings, models: readonly ServedModel[]): VoskSettings {
  const model = models.find(({ id }) => id === settings.model.id) ?? settings.model;
  if (model === settings.model) return settings;
  return { ...settings, model, grammar: streamGrammar(model, settings.choice).grammar };
}

/** The words of the phrases, in any order; phrases that are objects are boosted among them. */
function choiceOf(phrases: readonly (string | Phrase)[]): ClientGrammar {
  const words = phrases
    .flatMap((phrase) => (typeof phrase === 'string' ? phrase : phrase.phrase).split(/\s+/))
    .filter((word) => word !== '' && word !== UNKNOWN_WORD);
  if (words.length === 0) return undefined;
  const among = [...new Set(words)];
  const boosts = phrases.filter((phrase) => typeof phrase !== 'string');
  return boosts.length === 0 ? among : { boosts, among };
}

function modelCalled(id: string, models: readonly ServedModel[]): ServedModel {
  const model = models.find((each) => each.id === id);
  if (model !== undefined) return model;
  const known = models.map((each) => each.id).join(', ');
  throw new HearkenError('model/unknown-id', `Expected a model's id, got '${shortened(id)}'; there is ${known}`);
}

/** The path without its slashes and query, for example `codes-en`. */
function decodePath(path: string): string {
  const [bare = ''] = path.split('?', 1);
  try {
    return decodeURIComponent(bare).replace(/^\/+|\/+$/g, '');
  } catch {
    return ''; // no path is refused
  }
}
