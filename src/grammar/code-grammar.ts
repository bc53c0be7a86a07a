/** Grammars of codes: what a code looks like, which of all that look so are valid, and how the model hears them. */
import { assertInteger, assertNumber, HearkenError } from '../errors.ts';
import { nearestName } from '../text/nearest-name.ts';
import { type Grammar, knownWords, type Vocabulary } from '../text/vocabulary.ts';
import { CHECK_NAMES, type CheckName, satisfiesCheck } from './check-digits.ts';
import { compilePattern } from './compile-pattern.ts';
import type { PhoneGrammar } from './phone-grammar.ts';
import { speakingOf } from './speaking.ts';
import { type GrammarWalk, walkOf } from './walk.ts';

/** What a code looks like, and which of those that look so are valid: plain data, but for `isValid`. */
export type CodeForm = {
  /**
   * Regular expression over what is written, of the whole code: `[A-Z]{2}\d{6}`. Separators in it need not be spoken. Assertions and
   * references back are refused.
   */
  readonly pattern: string;
  /** Schemes of check digits that the code satisfies; default none. */
  readonly check?: CheckName | readonly CheckName[] | undefined;
  /** Whether the code is one that was given out, a list's `has` for example; default all that the pattern and the check let pass. */
  readonly isValid?: ((written: string) => boolean) | undefined;
  /** Whether numbers may be said as such, "twenty-one" for 21, where the model knows the words. Default false. */
  readonly numbers?: boolean | undefined;
  /** The most alternatives that a final lists, 1..100, the answer among them; default 5. */
  readonly alternatives?: number | undefined;
  /**
   * By how much less likely than the likeliest hypothesis the answer may be, in nats, 0..1000: a valid code within it is preferred to
   * what is likelier and not valid. Default 3.
   */
  readonly margin?: number | undefined;
};

/**
 * Default of `CodeForm.margin`. Chosen on digit strings of human-dev, clean and in white noise at 5 and 0 dB: nearly every right code that
 * is listed and not the first is within it, and few utterances of a digit too few are given another one; both change fast beyond it.
 */
const DEFAULT_MARGIN = 3;

/** A form, compiled for a model. */
export type Code = {
  readonly form: CodeForm;
  readonly walk: GrammarWalk;
  /** Whether a complete code satisfies all checks. */ readonly isValid: (written: string) => boolean;
  readonly alternatives: number;
  readonly margin: number;
  /** Characters of the pattern that no word of the model says. */ readonly unspoken: readonly string[];
  /** Words of the model's language for ways of speaking that the model does not know. */ readonly unknownWords: readonly string[];
};

/**
 * What may be said in a stream: words in any order; a code, which says how they follow each other; or phrases of any words, which are heard by
 * their phones.
 */
export type SpokenGrammar = Grammar & { readonly code?: Code | undefined; readonly phones?: PhoneGrammar | undefined };

export type CodeGrammar = Grammar & { readonly code: Code };

const FORM_NAMES: readonly (keyof CodeForm)[] = ['pattern', 'check', 'isValid', 'numbers', 'alternatives', 'margin'];

/**
 * The grammar of codes of `form` for a model of this vocabulary and language (a BCP 47 tag).
 *
 * Throws `grammar/pattern`, `grammar/too-large` or `grammar/unspoken` on a pattern that cannot be used, `option/...` on other fields.
 */
export function codeGrammar(vocabulary: Vocabulary, language: string, form: CodeForm): CodeGrammar {
  const { pattern, check = [], isValid, numbers = false, alternatives = 5, margin = DEFAULT_MARGIN } = form;
  const checks = [check].flat();
  assertForm(form, checks);
  assertInteger('alternatives', alternatives, 1, 100);
  assertNumber('margin', margin, 0, 1000);
  const { ways, unknownWords } = speakingOf(vocabulary, language, numbers);
  const { automaton, unspoken } = compilePattern(pattern, ways);
  const walk = walkOf(automaton);
  return {
    name: pattern,
    allowed: [...walk.labels],
    words: wordsOf(vocabulary, walk.labels),
    code: {
      form,
      walk,
      isValid: (written) => checks.every((name) => satisfiesCheck(name, written)) && isValid?.(written) !== false,
      alternatives,
      margin,
      unspoken,
      unknownWords,
    },
  };
}

function assertForm(form: CodeForm, checks: readonly unknown[]): void {
  const unknown = Object.keys(form).find((name) => !FORM_NAMES.some((known) => known === name));
  if (unknown !== undefined) {
    const nearest = nearestName(unknown, FORM_NAMES);
    const expected = `Expected fields of a code's form (${FORM_NAMES.join(', ')}), got \`${unknown}\``;
    throw new HearkenError('option/unknown-name', `${expected}${nearest ? `: did you mean ${nearest}?` : ''}`);
  }
  const { pattern, isValid, numbers } = form;
  if (typeof pattern !== 'string') throw wrong('pattern', 'a string', pattern);
  if (isValid !== undefined && typeof isValid !== 'function') throw wrong('isValid', 'a function', isValid);
  if (numbers !== undefined && typeof numbers !== 'boolean') throw wrong('numbers', 'true or false', numbers);
  for (const name of checks) {
    if (CHECK_NAMES.some((known) => known === name)) continue;
    const nearest = nearestName(String(name), CHECK_NAMES);
    const expected = `Expected \`check\` to be one of ${CHECK_NAMES.join(', ')}, got '${String(name)}'`;
    throw new HearkenError('option/unknown-value', `${expected}${nearest ? `: did you mean ${nearest}?` : ''}`);
  }
}

function wrong(name: string, expected: string, value: unknown): HearkenError {
  return new HearkenError('option/type', `Expected \`${name}\` to be ${expected}, got ${typeof value}`);
}

/** How each label is written in a text as it was spoken: as by that of the model's grammars which has most of them, the smallest of equals. */
function wordsOf(vocabulary: Vocabulary, labels: Int32Array): Map<number, string> {
  const ids = new Map(vocabulary.labels.map((label, index) => [label, index + 1]));
  const known = (words: ReadonlyMap<number | undefined, string>): number => labels.filter((id) => words.has(id)).length;
  const [fitting] = Object.values(vocabulary.grammars)
    .map((entries) => new Map(entries.map(({ label, word }) => [ids.get(label), word])))
    .toSorted((a, b) => known(b) - known(a) || a.size - b.size);
  const byName = new Map([...knownWords(vocabulary).values()].toReversed().map(({ id, word }) => [id, word]));
  return new Map(Array.from(labels, (label) => [label, fitting?.get(label) ?? byName.get(label) ?? '']));
}
