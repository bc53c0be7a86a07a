/** The forms of what may be said as a whole, as callers give them, and what is wrong with their fields. */
import { HearkenError } from '../errors.ts';
import { nearestName } from '../text/nearest-name.ts';
import { shortened } from '../text/shortened.ts';
import { CHECK_NAMES, type CheckName } from './check-digits.ts';
import { LISTENING_NAMES, type ListeningChoice } from './listening.ts';
import type { Phrase } from './phrases.ts';

/** Which of what may have been said is the answer, and how long it is listened for: plain data, but for `isValid`. */
type AnswerChoice = ListeningChoice & {
  /** Schemes of check digits that what is written satisfies; default none. */
  readonly check?: CheckName | readonly CheckName[] | undefined;
  /** Whether the code is one that was given out, a list's `has` for example; default all that the form and the check let pass. */
  readonly isValid?: ((written: string) => boolean) | undefined;
  /** The most alternatives that a final lists, 1..100, the answer among them; default 5. */
  readonly alternatives?: number | undefined;
  /**
   * By how much less likely than the likeliest hypothesis the answer may be, in nats, 0..1000: a valid code within it is preferred to
   * what is likelier and not valid. Default 3.
   */
  readonly margin?: number | undefined;
};

/** What a code looks like. */
export type CodeForm = AnswerChoice & {
  /**
   * Regular expression over what is written, of the whole code: `[A-Z]{2}\d{6}`. Separators in it need not be spoken. Assertions and
   * references back are refused.
   */
  readonly pattern: string;
  /** Whether numbers may be said as such, "twenty-one" for 21, where the model knows the words. Default false. */
  readonly numbers?: boolean | undefined;
};

/** Rules in JSGF; a tag is written in place of what it stands behind. */
export type JsgfForm = AnswerChoice & { /** The grammar's text, from `#JSGF` on. */ readonly jsgf: string };

/** Rules in the XML of SRGS; a tag is what its item or rule writes. */
export type GrxmlForm = AnswerChoice & { /** The grammar's document. */ readonly grxml: string };

/** Phrases in words of the model, of which one is said. */
export type PhraseListForm = AnswerChoice & { readonly phrases: readonly (string | Phrase)[] };

/** Words in any order, of which some phrases are likelier than others. */
export type BoostForm = AnswerChoice & {
  /** Phrases whose `boost` is 0 or more; one with a word that the model does not know has no effect. They take no `threshold`. */
  readonly boosts: readonly (string | Phrase)[];
  /** What may be said: a grammar of the model by name, or a list of words. Default: the model's default grammar. */
  readonly among?: string | readonly string[] | undefined;
};

/** What may be said as a whole, in one of the ways to write it. */
export type GrammarForm = CodeForm | JsgfForm | GrxmlForm | PhraseListForm | BoostForm;

type Plain<Form> = Form extends GrammarForm ? Omit<Form, 'isValid'> : never;

/** A form without functions, which survives JSON. */
export type PlainForm = Plain<GrammarForm>;

/** What each form is told by, and its fields beside those of all. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  pattern: ['numbers'],
  jsgf: [],
  grxml: [],
  phrases: [],
  boosts: ['among'],
};

/** Names of the fields by which a form is told. */
export const FORM_KINDS: readonly string[] = Object.keys(KINDS);

/** Fields of all forms, which change nothing of what may be said. */
export const ANSWER_FIELDS: readonly (keyof AnswerChoice)[] = [
  'check',
  'isValid',
  'alternatives',
  'margin',
  ...LISTENING_NAMES,
];

/** Throws `option/...` on fields that are not of a form, or of another type than they can be. */
export function assertForm(form: GrammarForm): void {
  const [kind, ...others] = FORM_KINDS.filter((name) => Object.hasOwn(form, name));
  if (kind === undefined || others.length > 0) {
    const got = kind === undefined ? 'none' : [kind, ...others].join(' and ');
    throw new HearkenError('option/unknown-name', `Expected one of ${FORM_KINDS.join(', ')} in a grammar, got ${got}`);
  }
  const names = [kind, ...(KINDS[kind] ?? []), ...ANSWER_FIELDS];
  const unknown = Object.keys(form).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, names);
    const expected = `Expected fields of a grammar's form (${names.join(', ')}), got \`${shortened(unknown)}\``;
    throw new HearkenError('option/unknown-name', `${expected}${nearest ? `: did you mean ${nearest}?` : ''}`);
  }
  const { isValid, numbers, ...fields }: Partial<CodeForm & JsgfForm & GrxmlForm> = form;
  for (const name of ['pattern', 'jsgf', 'grxml'] as const) {
    if (kind === name && typeof fields[name] !== 'string') throw wrong(name, 'a string', fields[name]);
  }
  if (isValid !== undefined && typeof isValid !== 'function') throw wrong('isValid', 'a function', isValid);
  if (numbers !== undefined && typeof numbers !== 'boolean') throw wrong('numbers', 'true or false', numbers);
  for (const name of [form.check ?? []].flat()) assertCheckName(name);
}

function assertCheckName(name: unknown): void {
  if (CHECK_NAMES.some((known) => known === name)) return;
  const nearest = nearestName(String(name), CHECK_NAMES);
  const expected = `Expected \`check\` to be one of ${CHECK_NAMES.join(', ')}, got '${shortened(String(name))}'`;
  throw new HearkenError('option/unknown-value', `${expected}${nearest ? `: did you mean ${nearest}?` : ''}`);
}

function wrong(name: string, expected: string, value: unknown): HearkenError {
  return new HearkenError('option/type', `Expected \`${name}\` to be ${expected}, got ${typeof value}`);
}
