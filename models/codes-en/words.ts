/** Spoken words of the model, as the synthesisers are asked for them. "Oh" and the letter o are one sound: one label. */
export const DIGIT_WORDS: readonly string[] = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'oh',
];
export const LETTERS: readonly string[] = Array.from('abcdefghijklmnopqrstuvwxyz');
export const CODE_WORDS: readonly string[] = [...DIGIT_WORDS, ...LETTERS];

/** Labels of the digit words: `0`..`9` and `o`. */
export const DIGIT_LABELS: readonly string[] = DIGIT_WORDS.map(labelOf);

/** The label that a word is trained with: `zero` -> `0`, `oh` -> `o`, `b` -> `b`. */
export function labelOf(word: string): string {
  const digit = DIGIT_WORDS.indexOf(word);
  return digit < 0 || word === 'oh' ? word.charAt(0) : String(digit);
}

/** Spelling for espeak-ng: capitals are read as letters, except A, which some accents take for the article. */
export function espeakSpelling(word: string): string {
  return word === 'a' ? '[[eI]]' : word.length === 1 ? word.toUpperCase() : word;
}

const AMERICAN: Readonly<Record<string, string>> = {
  a: 'ay',
  b: 'bee',
  c: 'see',
  d: 'dee',
  f: 'eff',
  g: 'gee',
  i: 'eye',
  j: 'jay',
  k: 'kay',
  l: 'el',
  m: 'em',
  n: 'en',
  o: 'oh',
  p: 'pee',
  q: 'cue',
  t: 'tee',
  u: 'you',
  v: 'vee',
  y: 'why',
};
const ZED = { z: 'zed' };
/** Spellings with which an American voice imitates British English: zed, and no r after a vowel. */
const NO_FINAL_R = { r: 'ah', four: 'faw' };

const SPELLINGS: Readonly<Record<EnglishDialect, Readonly<Record<string, string>>>> = {
  american: AMERICAN,
  scottish: { ...AMERICAN, ...ZED },
  british: { ...AMERICAN, ...ZED, ...NO_FINAL_R },
};

export type EnglishDialect = 'american' | 'scottish' | 'british';

/** Spelling for the English voices of flite and festival. */
export function englishSpelling(word: string, dialect: EnglishDialect): string {
  return SPELLINGS[dialect][word] ?? word;
}

/** Spelling for the English voices of Pico: capitals are read as letters. */
export function picoSpelling(word: string): string {
  return word.length === 1 ? word.toUpperCase() : word;
}
