/** What a client says that may come, in OpenAI's fields: `keywords` and the phrases of `prompt` are likelier than other words. */
import { builtinForm } from '../../src/grammar/builtin-grammar.ts';
import type { Phrase } from '../../src/grammar/phrases.ts';
import { type ClientGrammar, streamGrammar } from '../engine/stream-grammar.ts';
import type { ServedModel } from '../engine/protocol.ts';

export type Hints = { readonly keywords?: readonly string[]; readonly prompt?: string };

/** What a keyword gains, and what a phrase of a prompt does, in nats: a prompt says what is talked of, not what is said. */
const KEYWORD_BOOST = 2;
const PROMPT_BOOST = 1;
/** Between phrases of a prompt. */
const SEPARATORS = /[,;:.!?()"\n\r]+/;
/** Phrases that are boosted at most. */
const MOST_PHRASES = 10_000;

/** `grammar` with the phrases of the hints likelier among its words; a form says all that may come, and stays as it is. */
export function hintedGrammar(grammar: ClientGrammar, hints: Hints): ClientGrammar {
  const boosts = [...phrasesOf(hints, 'keywords'), ...phrasesOf(hints, 'prompt')].slice(0, MOST_PHRASES);
  if (boosts.length === 0 || !isWords(grammar)) return grammar;
  return { boosts, ...(grammar !== undefined && { among: grammar }) };
}

/** Names of the hints that have no effect: a form is heard, or each of their phrases has a word that is not among those that may be said. */
export function vainHints(model: ServedModel, grammar: ClientGrammar, hints: Hints): (keyof Hints)[] {
  return (['keywords', 'prompt'] as const).filter((name) => {
    const phrases = phrasesOf(hints, name);
    if (phrases.length === 0) return Boolean(hints[name]?.length);
    if (!isWords(grammar)) return true;
    const { unknownWords } = streamGrammar(model, hintedGrammar(grammar, { [name]: hints[name] }));
    const unknown = new Set(unknownWords);
    return phrases.every(({ phrase }) => phrase.split(/\s+/).some((word) => unknown.has(word)));
  });
}

function phrasesOf({ keywords = [], prompt = '' }: Hints, name: keyof Hints): Phrase[] {
  const [texts, boost] = name === 'keywords' ? [keywords, KEYWORD_BOOST] : [prompt.split(SEPARATORS), PROMPT_BOOST];
  return texts.flatMap((text) => (text.trim() === '' ? [] : [{ phrase: text.trim(), boost }]));
}

/** Whether it is words in any order; a built-in grammar is a form that has a name. */
function isWords(grammar: ClientGrammar): grammar is string | readonly string[] | undefined {
  if (typeof grammar === 'string') return builtinForm(grammar) === undefined;
  return grammar === undefined || Array.isArray(grammar);
}
