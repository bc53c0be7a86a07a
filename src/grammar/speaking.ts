/** Ways of speaking: the label sequences by which a model hears what is written. A language has the words, a model some of them. */
import { knownWords, type Vocabulary } from '../text/vocabulary.ts';
import type { Way } from './automaton.ts';
import { ENGLISH } from './english.ts';

/** The words in which a language says characters, repeats and numbers. */
export type SpokenLanguage = {
  /** Names of each character, the most usual first; letters in upper case. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Words that say the next character so many times. */ readonly repeats: Readonly<Record<string, number>>;
  /** Words that say that the next letter is in upper case. */ readonly capital: readonly string[];
  /** What stands between a letter and a word that begins with it, as in "A as in apple". */
  readonly examples: readonly (readonly string[])[];
  /** Words of 10 to 19. */ readonly teens: readonly string[];
  /** Words of 20, 30, ... 90. */ readonly tens: readonly string[];
  readonly hundred: string;
  readonly thousand: string;
  /** What may stand after hundreds. */ readonly and: string;
};

export type Speaking = {
  readonly ways: readonly Way[];
  /** Words of the language that the model does not know, so that it hears nothing said with them. */
  readonly unknownWords: readonly string[];
};

const LANGUAGES: Readonly<Record<string, SpokenLanguage>> = { en: ENGLISH };

/** Of two things that sound the same, that which has this weight is written half as often. */
const RARER = Math.log(0.5);

/**
 * All ways by which a model of `vocabulary` and `language` (a BCP 47 tag) hears characters, and, with `numbers`, numbers as words.
 * Of a language that is not known, each label stands for itself.
 *
 * Where sounds are the same, "oh" is rather O than 0, a letter rather in upper case, and what need not be said (`-`) rather not there.
 */
export function speakingOf(vocabulary: Vocabulary, language: string, numbers: boolean): Speaking {
  const known = knownWords(vocabulary);
  const unknown = new Set<string>();
  const labelsOf = (words: readonly string[]): number[] | undefined => {
    const ids = words.map((word) => known.get(word)?.id);
    for (const [index, id] of ids.entries()) if (id === undefined) unknown.add(words[index]!);
    return ids.every((id) => id !== undefined) ? ids : undefined;
  };
  const spoken = LANGUAGES[language.split('-')[0]!.toLowerCase()];
  const candidates = spoken === undefined ? [] : [...inWords(spoken, [...known.keys()], numbers)];
  const own = vocabulary.labels.flatMap((label) => characterWays(label, [label.toLowerCase()]));
  const ways = new Map<string, Way>();
  for (const { written, words, weight } of [...own, ...candidates]) {
    const labels = labelsOf(words);
    if (labels === undefined) continue;
    const key = JSON.stringify([written, labels]);
    const same = ways.get(key);
    if (same === undefined || same.weight < weight) ways.set(key, { written, labels, weight });
  }
  return { ways: [...ways.values()], unknownWords: [...unknown] };
}

/** A way of speaking in words. */
type WordWay = { readonly written: string; readonly words: readonly string[]; readonly weight: number };

/** A single character said by `words`; none if it is no single character. Letters may be written in either case. */
function characterWays(character: string, words: readonly string[], weight = 0): WordWay[] {
  if (character.length !== 1) return [];
  const upper = character.toUpperCase();
  const lower = character.toLowerCase();
  if (upper === lower || upper.length > 1) return [{ written: character, words, weight }];
  return [
    { written: upper, words, weight },
    { written: lower, words, weight: weight + RARER },
  ];
}

function* inWords(spoken: SpokenLanguage, known: readonly string[], numbers: boolean): Generator<WordWay> {
  for (const [character, names] of Object.entries(spoken.names)) {
    for (const [index, name] of names.entries()) {
      // "Oh" is the second name of 0 and, as it is written, the first of O.
      const single = characterWays(character, [name], index === 0 ? 0 : RARER);
      yield* single;
      for (const [repeat, count] of Object.entries(spoken.repeats)) {
        for (const way of single) yield { ...way, written: way.written.repeat(count), words: [repeat, ...way.words] };
      }
    }
    if (isLetter(character)) yield* inExamples(spoken, character, names[0]!, known);
    else if (!/\d/.test(character)) yield { written: character, words: [], weight: RARER };
  }
  if (numbers) for (const [written, words] of inNumbers(spoken)) yield { written, words, weight: 0 };
}

/** "Capital A", and "A as in apple" for every word that the model knows. */
function* inExamples(
  { capital, examples }: SpokenLanguage,
  letter: string,
  name: string,
  known: readonly string[],
): Generator<WordWay> {
  for (const word of capital) yield { written: letter, words: [word, name], weight: 0 };
  const beginning = known.filter((word) => word.length > 1 && word.startsWith(letter.toLowerCase()));
  for (const between of examples) {
    for (const example of beginning) yield* characterWays(letter, [name, ...between, example]);
    // So that what the model lacks is told of even where it knows no example.
    if (beginning.length === 0) yield* characterWays(letter, [name, ...between, letter.toLowerCase()]);
  }
}

/** 10 to 999 and whole hundreds and thousands to 9,999, each with its words. */
function* inNumbers(spoken: SpokenLanguage): Generator<readonly [string, readonly string[]]> {
  const { hundred, thousand, and } = spoken;
  const small: (readonly string[])[] = Array.from({ length: 100 }, (_, number) => belowHundred(spoken, number));
  for (const [number, words] of small.entries()) {
    if (number < 10) continue;
    yield [String(number), words];
    if (number % 10 !== 0) yield [`${number}00`, [...words, hundred]]; // nineteen hundred
  }
  for (const [digit, words] of small.slice(0, 10).entries()) {
    if (digit === 0) continue;
    yield [`${digit}00`, [...words, hundred]];
    yield [`${digit}000`, [...words, thousand]];
    for (const [rest, restWords] of small.entries()) {
      if (rest === 0) continue;
      const written = `${digit}${String(rest).padStart(2, '0')}`;
      yield [written, [...words, hundred, ...restWords]];
      yield [written, [...words, hundred, and, ...restWords]];
    }
  }
}

/** The words of a number below 100. */
function belowHundred({ names, teens, tens }: SpokenLanguage, number: number): readonly string[] {
  const unit = number % 10;
  const unitWords = names[String(unit)]!.slice(0, 1); // every digit has a name
  if (number < 10) return unitWords;
  if (number < 20) return [teens[unit]!];
  const ten = tens[Math.floor(number / 10) - 2]!; // 20 to 90
  return unit === 0 ? [ten] : [ten, ...unitWords];
}

function isLetter(character: string): boolean {
  return character.toUpperCase() !== character.toLowerCase();
}
