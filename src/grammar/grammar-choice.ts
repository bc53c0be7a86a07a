/** What may be said, in any of the ways in which callers say it. */
import { type Grammar, resolveGrammar, type Vocabulary } from '../text/vocabulary.ts';
import { builtinForm } from './builtin-grammar.ts';
import { codeGrammar, type SpokenGrammar } from './code-grammar.ts';
import type { GrammarForm } from './grammar-form.ts';
import { type PhraseForm, phraseGrammar } from './phone-grammar.ts';

/**
 * What may be said: a grammar of the model by name or `builtin:grammar/digits?length=6`, a list of words, one made by `resolveGrammar`, a form
 * (a pattern, rules, phrases, or words with boosts), or, of a model that hears phones, phrases of any words with their lexicon.
 */
export type GrammarChoice = string | readonly string[] | Grammar | GrammarForm | PhraseForm;

/** What a model hears. */
type Heard = {
  readonly vocabulary: Vocabulary;
  /** BCP 47 tag. */ readonly language: string;
  readonly phones?: readonly string[] | undefined;
};

/** The grammar that a stream of the model follows. Throws `grammar/...` or `option/...`. */
export function chosenGrammar(
  { vocabulary, language, phones }: Heard,
  choice: GrammarChoice | undefined,
): SpokenGrammar {
  if (typeof choice === 'string') {
    const form = builtinForm(choice);
    return form === undefined ? resolveGrammar(vocabulary, choice) : codeGrammar(vocabulary, language, form);
  }
  if (choice === undefined || isWordList(choice)) return resolveGrammar(vocabulary, choice);
  if ('allowed' in choice) return choice;
  return 'lexicon' in choice ? phraseGrammar(phones, choice) : codeGrammar(vocabulary, language, choice);
}

/** `Array.isArray` does not narrow readonly lists. */
function isWordList(choice: Exclude<GrammarChoice, string>): choice is readonly string[] {
  return Array.isArray(choice);
}
