/** What may be said in a stream of the server: checked where its client asks for it, compiled where it is heard. */
import { chosenGrammar } from '../../src/grammar/grammar-choice.ts';
import type { PlainForm } from '../../src/grammar/grammar-form.ts';
import { assertQuickPattern } from '../../src/grammar/pattern.ts';
import type { Grammar } from '../../src/text/vocabulary.ts';
import type { ServedModel } from './protocol.ts';

/** As clients say it: a grammar of the model by name, words of it, or a form; default the model's default grammar. */
export type ClientGrammar = string | readonly string[] | PlainForm | undefined;

/** As it goes to the engine's thread: words in any order that are looked up, or a form. */
export type StreamGrammar = Grammar | PlainForm;

/** The name of a grammar, or the field by which its form is told: never what a client says of it. */
export function grammarNameOf(grammar: StreamGrammar): string {
  if ('allowed' in grammar) return grammar.name;
  return FORMS.find((kind) => kind in grammar) ?? 'form';
}

const FORMS = ['pattern', 'jsgf', 'grxml', 'phrases', 'boosts'];

/**
 * `choice` for streams of `model`, and its words that the model does not know where that is no fault. Throws `grammar/...` or `option/...`, among them
 * `grammar/too-large` at a pattern that would keep other clients waiting.
 */
export function streamGrammar(
  { vocabulary, language }: Pick<ServedModel, 'vocabulary' | 'language'>,
  choice: ClientGrammar,
): { readonly grammar: StreamGrammar; readonly unknownWords: readonly string[] } {
  if (typeof choice === 'object' && 'pattern' in choice) assertQuickPattern(choice.pattern);
  const { code, name, allowed, words } = chosenGrammar({ vocabulary, language }, choice);
  if (code === undefined) return { grammar: { name, allowed, words }, unknownWords: [] };
  const { isValid: _isValid, ...form } = code.form; // no client sends a function
  return { grammar: form, unknownWords: code.unknownWords };
}
