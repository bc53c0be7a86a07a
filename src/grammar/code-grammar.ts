/** Grammars of forms: what may be said as a whole, how it is written, which of that is valid, and how the model hears it. */
import { assertInteger, assertNumber } from '../errors.ts';
import { type Grammar, knownWords, type Vocabulary } from '../text/vocabulary.ts';
import { satisfiesCheck } from './check-digits.ts';
import { compiledForm } from './compiled-form.ts';
import { assertForm, type GrammarForm } from './grammar-form.ts';
import { type Listening, listeningOf } from './listening.ts';
import type { PhoneGrammar } from './phone-grammar.ts';
import type { GrammarWalk } from './walk.ts';

/**
 * Default of `margin`. Chosen on digit strings of human-dev, clean and in white noise at 5 and 0 dB: nearly every right code that
 * is listed and not the first is within it, and few utterances of a digit too few are given another one; both change fast beyond it.
 */
const DEFAULT_MARGIN = 3;

/** A form, compiled for a model. */
export type Code = {
  readonly form: GrammarForm;
  readonly walk: GrammarWalk;
  /** Whether a complete code satisfies all checks. */ readonly isValid: (written: string) => boolean;
  /** Least posterior, 0..1, for what is written to be valid. */ readonly leastPosterior: (written: string) => number;
  readonly alternatives: number;
  readonly margin: number;
  readonly listening: Listening;
  /** Characters of a pattern that no word of the model says. */ readonly unspoken: readonly string[];
  /** Words that the form could be said in and that the model does not know. */ readonly unknownWords: readonly string[];
};

/**
 * What may be said in a stream: words in any order; a form, which says how they follow each other; or phrases of any words, which are heard by
 * their phones.
 */
export type SpokenGrammar = Grammar & { readonly code?: Code | undefined; readonly phones?: PhoneGrammar | undefined };

export type CodeGrammar = Grammar & { readonly code: Code };

/**
 * The grammar of `form` for a model of this vocabulary and language (a BCP 47 tag).
 *
 * Throws `grammar/...` on what cannot be used, for example `grammar/pattern` or `grammar/jsgf` with the place, `option/...` on other fields.
 */
export function codeGrammar(vocabulary: Vocabulary, language: string, form: GrammarForm): CodeGrammar {
  assertForm(form);
  const { isValid, alternatives = 5, margin = DEFAULT_MARGIN } = form;
  const checks = [form.check ?? []].flat();
  assertInteger('alternatives', alternatives, 1, 100);
  assertNumber('margin', margin, 0, 1000);
  const { name, walk, unspoken, unknownWords, thresholds } = compiledForm(vocabulary, language, form);
  return {
    name,
    allowed: [...walk.labels],
    words: wordsOf(vocabulary, walk.labels),
    code: {
      form,
      walk,
      isValid: (written) => checks.every((check) => satisfiesCheck(check, written)) && isValid?.(written) !== false,
      leastPosterior: (written) => thresholds.get(written) ?? 0,
      alternatives,
      margin,
      listening: listeningOf(form),
      unspoken,
      unknownWords,
    },
  };
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
