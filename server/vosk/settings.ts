import { HearkenError } from '../../src/errors.ts';
import { shortened } from '../../src/text/shortened.ts';
import { type Grammar, resolveGrammar } from '../../src/text/vocabulary.ts';
import type { ServedModel } from '../engine/client.ts';
import type { VoskConfig } from './request.ts';

/** What a client has asked for so far; its next stream is opened with it. */
export type VoskSettings = {
  readonly model: ServedModel;
  /** Sample rate of the client's audio in Hz. */ readonly sampleRate: number;
  readonly words: boolean;
  readonly maxAlternatives: number;
  readonly phrases: readonly string[];
  readonly grammar: Grammar;
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
    phrases: [],
    grammar: resolveGrammar(model.vocabulary),
  };
}

/** Whether something of the path is no model's id: clients of servers with one model have made it up. */
export function hasIdlePath(models: readonly ServedModel[], path: string): boolean {
  const isBare = /^\/*$/.test(path);
  return !isBare && (path.includes('?') || models.every(({ id }) => id !== decodePath(path)));
}

/** Throws `model/unknown-id`, `vosk/sample-rate` or `grammar/...` on values that cannot be had. */
export function configured(settings: VoskSettings, config: VoskConfig, models: readonly ServedModel[]): VoskSettings {
  const { sample_rate: sampleRate = settings.sampleRate, phrase_list: phrases = settings.phrases } = config;
  const model = config.model === undefined ? settings.model : modelCalled(config.model, models);
  if (!Number.isInteger(sampleRate) || sampleRate < RATES.lowest || sampleRate > RATES.highest) {
    throw new HearkenError(
      'vosk/sample-rate',
      `Expected \`sample_rate\` to be a whole number in ${RATES.lowest}..${RATES.highest}, got ${sampleRate}`,
    );
  }
  return {
    model,
    sampleRate,
    phrases,
    words: config.words ?? settings.words,
    maxAlternatives: config.max_alternatives ?? settings.maxAlternatives,
    grammar: grammarOf(model, phrases),
  };
}

/**
 * The settings with the models that are served now. Throws `grammar/...` where a model was loaded again that lacks a
 * word.
 */
export function renewed(settings: VoskSettings, models: readonly ServedModel[]): VoskSettings {
  const model = models.find(({ id }) => id === settings.model.id) ?? settings.model;
  return model === settings.model ? settings : { ...settings, model, grammar: grammarOf(model, settings.phrases) };
}

/** The words of the phrases, in any order. */
function grammarOf({ vocabulary }: ServedModel, phrases: readonly string[]): Grammar {
  const words = phrases.flatMap((phrase) => phrase.split(/\s+/)).filter((word) => word !== '' && word !== UNKNOWN_WORD);
  return words.length === 0 ? resolveGrammar(vocabulary) : resolveGrammar(vocabulary, [...new Set(words)]);
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
