/** How words are said: by the CMU Pronouncing Dictionary, and what it lacks by the model g2p-en. */
import { HearkenError } from '../errors.ts';
import type { Lexicon } from '../grammar/lexicon.ts';
import { loadSequenceModel } from '../sequence/load-model.ts';
import { waysToSay } from './english-phones.ts';

/** The model that spells what no dictionary has. */
const SPELLER = 'g2p-en';
/** Ways of a word that the model is asked for: it is right by its first in three of four, by its first two more often. */
const SPELLED_WAYS = 2;

/**
 * How English `words` are said, American and British, in phones of the International Phonetic Alphabet; of words that the dictionary lacks as the model
 * g2p-en spells them. Plain data, to be changed and kept by whoever knows better. Capitals do not matter.
 *
 * Throws `lexicon/unspoken` at a word without a letter, and as `loadSequenceModel` does where it needs the model.
 *
 * @example
 * ```ts
 * import { pronounce } from 'hearken';
 *
 * const lexicon = await pronounce(['kettle', 'hearken']);
 * for (const ways of Object.values(lexicon)) console.log(ways.map((phones) => phones.join(' ')).join(' | '));
 * // => k ɛ ɾ ə l | k ɛ t ə l
 * // => h ɑ ɹ k ə n | h ɑ k ə n | h ɜ ɹ k ə n | h ɜ k ə n
 * ```
 */
export async function pronounce(words: Iterable<string>): Promise<Lexicon> {
  const { dictionary } = await import('cmu-pronouncing-dictionary');
  const asked = new Set(Array.from(words, spelling));
  const found = new Map([...asked].map((word) => [word, inDictionary(dictionary, word)] as const));
  const unknown = [...found].filter(([, ways]) => ways.length === 0).map(([word]) => word);
  const spelled = await spell(unknown);
  return Object.fromEntries(
    [...found].map(([word, ways]) => [word, ways.length > 0 ? ways : (spelled.get(word) ?? [])]),
  );
}

/** A word as dictionaries have it. Throws `lexicon/unspoken`. */
function spelling(word: string): string {
  const small = word.toLowerCase().replaceAll('’', "'");
  if (/\p{L}/u.test(small)) return small;
  throw new HearkenError(
    'lexicon/unspoken',
    `Expected a word with a letter in it, got '${word}': write numbers as words`,
  );
}

/** Ways of `word` and of its alternates, `word(2)` and so on. */
function inDictionary(dictionary: Readonly<Record<string, string>>, word: string): string[][] {
  const ways = new Map<string, string[]>();
  for (let alternate = 1; ; alternate++) {
    const key = alternate === 1 ? word : `${word}(${alternate})`;
    if (!Object.hasOwn(dictionary, key)) return [...ways.values()];
    const names = dictionary[key]!.replace(/#.*$/, '').trim().split(/\s+/); // it has it
    for (const phones of waysToSay(names)) ways.set(phones.join(' '), phones);
  }
}

/** Ways of words that the dictionary lacks. */
async function spell(words: readonly string[]): Promise<Map<string, string[][]>> {
  if (words.length === 0) return new Map();
  await using model = await loadSequenceModel(SPELLER);
  const letters = words.map((word) => word.normalize('NFD').replaceAll(/[^a-z'.-]/g, ''));
  const answers = await model.decodeAll(letters, { nBest: SPELLED_WAYS });
  return new Map(
    words.map((word, index) => {
      const ways = answers[index]!.flatMap(({ outputSymbols }) => waysToSay(outputSymbols)); // one for each
      return [word, [...new Map(ways.map((phones) => [phones.join(' '), phones])).values()]];
    }),
  );
}
