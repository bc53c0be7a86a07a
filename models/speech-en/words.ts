/** What the head of words writes: digits and letters, and the words that codes are spelled out with. */
import { DIGIT_WORDS, labelOf as digitOrLetter, LETTERS } from '../codes-en/words.ts';

/** The alphabet of the International Civil Aviation Organization. */
export const ALPHABET_WORDS: readonly string[] = (
  'alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo sierra ' +
  'tango uniform victor whiskey x-ray yankee zulu'
).split(' ');
export const TEENS: readonly string[] =
  'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(' ');
export const TENS: readonly string[] = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
/** Signs that are said by name. */
export const SIGNS: readonly string[] = ['dash', 'slash', 'dot', 'space'];
/** Said where the one before was wrong. */
export const CORRECTIONS: readonly string[] = ['no', 'correction', 'sorry'];

const OTHERS = ['double', 'triple', 'hundred', 'thousand', 'capital', 'as', 'in', 'for'];

/** All words that have a label, each as it is said. */
export const SPOKEN_WORDS: readonly string[] = [
  ...DIGIT_WORDS,
  ...LETTERS,
  ...ALPHABET_WORDS,
  ...TEENS,
  ...TENS,
  ...SIGNS,
  ...CORRECTIONS,
  ...OTHERS,
];

/** The label of a word: `zero` -> `0`, `oh` -> `o`, `b` -> `b`, `bravo` -> `bravo`. */
export function labelOf(word: string): string {
  return word.length === 1 || DIGIT_WORDS.includes(word) ? digitOrLetter(word) : word;
}
