/** A list of phrases of which one is said: menu entries, names, commands. */
import { assertNumber, HearkenError } from '../errors.ts';
import { shortened } from '../text/shortened.ts';
import { type Expansion, type RuleSet, sequenceOf, wordsIn } from './expansion.ts';

/** A phrase that may be said. */
export type Phrase = {
  /** Its words, separated by white space. */ readonly phrase: string;
  /** By how much it is likelier than one without, in nats, -100..100; default 0. */ readonly boost?:
    | number
    | undefined;
  /** Least share, 0..1, in the probability of all that may have been said for it to be valid; default 0. */
  readonly threshold?: number | undefined;
  /** What is written in its place; default its words. */ readonly label?: string | undefined;
};

/** Phrases in the longest list. */
const MOST_PHRASES = 100_000;

/** `phrases` with their fields checked; a string is a phrase without others. Throws `option/...`, `grammar/empty` or `grammar/too-large`. */
export function checkedPhrases(
  name: string,
  phrases: readonly (string | Phrase)[],
  fields: readonly (keyof Phrase)[],
): Phrase[] {
  if (!Array.isArray(phrases)) throw wrongPhrases(name, 'a list of phrases', typeof phrases);
  if (phrases.length > MOST_PHRASES) {
    throw new HearkenError('grammar/too-large', `Expected at most ${MOST_PHRASES} phrases, got ${phrases.length}`);
  }
  if (phrases.length === 0)
    throw new HearkenError('grammar/empty', `Expected at least one phrase in \`${name}\`, got none`);
  return phrases.map((given, index) => {
    const phrase = typeof given === 'string' ? { phrase: given } : given;
    const place = `${name}[${index}]`;
    if (typeof phrase !== 'object' || phrase === null || typeof phrase.phrase !== 'string') {
      throw wrongPhrases(place, 'a phrase or an object with a `phrase`', typeof phrase);
    }
    const unknown = Object.keys(phrase).find((field) => !fields.some((known) => known === field));
    if (unknown !== undefined) {
      const expected = `Expected \`${place}\` to have ${fields.join(', ')}`;
      throw new HearkenError('option/unknown-name', `${expected}, got \`${shortened(unknown)}\``);
    }
    if (phrase.phrase.trim() === '') {
      throw new HearkenError('grammar/empty', `Expected a word in \`${place}\`, got none`);
    }
    assertNumber(`${place}.boost`, phrase.boost ?? 0, -100, 100);
    assertNumber(`${place}.threshold`, phrase.threshold ?? 0, 0, 1);
    if (phrase.label !== undefined && typeof phrase.label !== 'string') {
      throw wrongPhrases(`${place}.label`, 'a string', typeof phrase.label);
    }
    return phrase;
  });
}

/** The rules by which exactly one of `phrases` is said. */
export function rulesOfPhrases(phrases: readonly Phrase[]): RuleSet {
  const options = phrases.map(({ phrase, boost = 0, label }, index) => {
    const said: Expansion = sequenceOf(wordsIn(phrase, index));
    return {
      expansion: label === undefined ? said : ({ type: 'tagged', of: said, tag: label } as const),
      logWeight: boost,
    };
  });
  return { name: 'phrases', rules: new Map(), start: { type: 'choice', options }, placeOf: (at) => `phrase ${at + 1}` };
}

/** What is written where `phrase` is said: its label, or its words with spaces between them, but for single characters that follow each other. */
export function writtenPhrase({ phrase, label }: Phrase): string {
  if (label !== undefined) return label;
  const words = wordsIn(phrase, 0).map(({ word }) => word);
  return words.reduce((text, word, index) => {
    const isClose = index === 0 || (word.length === 1 && words[index - 1]?.length === 1);
    return `${text}${isClose ? '' : ' '}${word}`;
  }, '');
}

function wrongPhrases(name: string, expected: string, got: string): HearkenError {
  return new HearkenError('option/type', `Expected \`${name}\` to be ${expected}, got ${got}`);
}
