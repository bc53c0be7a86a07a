/** A stream's grammar as plain data, and back: a form is saved as it is, and compiled again where the stream goes on. */
import { z } from 'zod';

import { HearkenError } from '../errors.ts';
import { codeGrammar, type SpokenGrammar } from '../grammar/code-grammar.ts';
import { formSchema } from '../grammar/form-schema.ts';
import type { PlainForm } from '../grammar/grammar-form.ts';
import { type PhraseForm, phraseGrammar } from '../grammar/phone-grammar.ts';
import type { Vocabulary } from '../text/vocabulary.ts';

/** Plain data that survive JSON. */
export type SavedGrammar = {
  readonly name: string;
  /** Ids of the labels that may be said, and how each is written. */ readonly words: readonly (readonly [
    number,
    string,
  ])[];
  /** The form; absent where words may follow in any order. */ readonly form?: PlainForm;
  /** Phrases of any words. */ readonly phrases?: PhraseForm;
};

const phrasesSchema: z.ZodType<PhraseForm> = z.strictObject({
  phrases: z.array(z.string()),
  lexicon: z.record(z.string(), z.array(z.array(z.string()))),
  phraseCost: z.number().min(0).max(1000).exactOptional(),
});

export const savedGrammarSchema: z.ZodType<SavedGrammar> = z.strictObject({
  name: z.string(),
  words: z.array(z.tuple([z.int().min(1), z.string()])),
  form: formSchema.exactOptional(),
  phrases: phrasesSchema.exactOptional(),
});

/** Throws `grammar/unsaved` where a function of the caller's decides which codes are valid: no snapshot can hold it. */
export function saveGrammar({ name, words, code, phones }: SpokenGrammar): SavedGrammar {
  if (phones !== undefined) return { name, words: [], phrases: phones.form };
  if (code === undefined) return { name, words: [...words] };
  const { isValid, ...form } = code.form;
  if (isValid !== undefined) {
    const expected = 'Expected a stream that is saved to check its codes by the names of `check`';
    throw new HearkenError('grammar/unsaved', `${expected}, got a function \`isValid\``);
  }
  return { name, words: [...words], form };
}

/** What a model hears. */
type Heard = {
  readonly vocabulary: Vocabulary;
  readonly language: string;
  readonly phones?: readonly string[];
};

/** The grammar that `saveGrammar` was given, for a model of the same vocabulary and language. Throws as `codeGrammar` does. */
export function restoreGrammar(
  { name, words, form, phrases }: SavedGrammar,
  { vocabulary, language, phones }: Heard,
): SpokenGrammar {
  if (form !== undefined) return codeGrammar(vocabulary, language, form);
  if (phrases !== undefined) return phraseGrammar(phones, phrases);
  return { name, words: new Map(words), allowed: words.map(([id]) => id).toSorted((a, b) => a - b) };
}
