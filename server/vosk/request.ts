import { z } from 'zod';

import { HearkenError } from '../../src/errors.ts';
import { formSchema, phraseSchema } from '../../src/grammar/form-schema.ts';
import type { Phrase } from '../../src/grammar/phrases.ts';
import { shortened } from '../../src/text/shortened.ts';
import type { ClientGrammar } from '../engine/stream-grammar.ts';
import { pythonBool, pythonFloat, pythonInt } from './python-values.ts';

/** Settings that a client sends; the names are vosk-server's. */
export type VoskConfig = {
  /** Sample rate in Hz. */ readonly sample_rate?: number;
  readonly words?: boolean;
  /** The most alternatives, 0 or more. */ readonly max_alternatives?: number;
  /** Words of these phrases are heard, in any order; those with a boost or a label as phrases, too. */
  readonly phrase_list?: readonly (string | Phrase)[];
  /** What is heard, in place of `phrase_list`. */ readonly grammar?: ClientGrammar;
  /** Id of a model of this server. */ readonly model?: string;
};

export type VoskRequest = { /** Names of fields that mean nothing here. */ readonly ignored: readonly string[] } & (
  | { readonly type: 'config'; readonly config: VoskConfig }
  | { readonly type: 'eof' }
  | { readonly type: 'reset' }
);

type Fields = Readonly<Record<string, unknown>>;

/**
 * Values are taken as vosk-server takes them, which converts texts and numbers; fields that it does not know either are
 * let through. Throws `vosk/json` on what is no JSON, `vosk/request` on what is no request or a value that cannot be taken.
 */
export function parseVoskRequest(text: string): VoskRequest {
  const json = parseJson(text);
  if (!isObject(json)) throw refused('a JSON object', json);
  // As upstream: where there is a configuration, nothing else counts.
  if ('config' in json) {
    if (!isObject(json['config'])) throw refused('`config` to be an object', json['config']);
    if ('phrase_list' in json['config'] && 'grammar' in json['config']) {
      throw refused('`phrase_list` or `grammar` in `config`', 'both');
    }
    const ignored = [...unknownIn(json, ['config']), ...unknownIn(json['config'], Object.keys(READERS), 'config.')];
    return { type: 'config', config: configOf(json['config']), ignored };
  }
  const { eof, reset } = json;
  if (eof === 1 && reset === undefined) return { type: 'eof', ignored: unknownIn(json, ['eof']) };
  if (reset === 1 && eof === undefined) return { type: 'reset', ignored: unknownIn(json, ['reset']) };
  throw refused('{"config":{...}}, {"eof":1} or {"reset":1}', json);
}

/** Each field's value, or `undefined` where it cannot be taken, and what is expected of it. */
const READERS: Readonly<Record<keyof VoskConfig, readonly [(value: unknown) => unknown, string]>> = {
  sample_rate: [pythonFloat, 'a number'],
  words: [pythonBool, 'true or false'],
  max_alternatives: [countOf, 'a whole number from 0 on'],
  phrase_list: [phrasesOf, 'a list of texts, or of objects with `phrase`, `boost` and `label`'],
  grammar: [grammarOf, 'the name of a grammar, a list of words, or a form'],
  model: [(value) => (typeof value === 'string' ? value : undefined), "a model's id"],
};

function configOf(fields: Fields): VoskConfig {
  const given = Object.entries(READERS).filter(([name]) => name in fields);
  const taken = given.map(([name, [read, expected]]) => {
    const value = read(fields[name]);
    if (value === undefined) throw refused(`\`${name}\` to be ${expected}`, fields[name]);
    return [name, value] as const;
  });
  return Object.fromEntries(taken); // of the types that the readers give
}

function countOf(value: unknown): number | undefined {
  const count = pythonInt(value);
  return count !== undefined && count >= 0 ? count : undefined;
}

/** The list of phrases; undefined where the value is false in Python. */
function phrasesOf(value: unknown): readonly (string | Phrase)[] | undefined {
  if (!pythonBool(value)) return [];
  return phrasesSchema.safeParse(value).data;
}

const phrasesSchema = z.array(z.union([z.string(), phraseSchema]));

function grammarOf(value: unknown): ClientGrammar {
  return grammarSchema.safeParse(value).data;
}

const grammarSchema = z.union([z.string(), z.array(z.string()), formSchema]);

function unknownIn(fields: Fields, known: readonly string[], prefix = ''): string[] {
  return Object.keys(fields)
    .filter((name) => !known.includes(name))
    .map((name) => prefix + name);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refused(expected: string, got: unknown): HearkenError {
  return new HearkenError('vosk/request', `Expected ${expected}, got ${described(got)}`);
}

function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value));
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'a list' : 'another object';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new HearkenError('vosk/json', 'Expected text frames to be JSON, got something else', { cause });
  }
}
