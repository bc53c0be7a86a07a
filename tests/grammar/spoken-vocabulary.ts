import type { Vocabulary } from '../../src/text/vocabulary.ts';

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz');
const MORE = ['nought', 'double', 'triple', 'dash', 'slash', 'alpha', 'bravo', 'apple', 'as', 'in', 'for', 'capital'];
const NUMBERS = ['eleven', 'nineteen', 'twenty', 'eighty', 'hundred', 'thousand', 'and'];

/** A vocabulary of more ways of speaking than the shipped model hears. */
export const SPOKEN: Vocabulary = {
  labels: [...DIGITS.keys()].map(String).concat(LETTERS, MORE, NUMBERS),
  grammars: {
    digits: [...DIGITS.map((word, digit) => ({ label: String(digit), word })), { label: 'o', word: 'oh' }],
    all: [
      ...DIGITS.map((word, digit) => ({ label: String(digit), word })),
      ...LETTERS.map((label) => ({ label, word: label })),
    ],
  },
  defaultGrammar: 'all',
};

/** Ids of the labels of words between spaces; a word is a label or a digit's name. */
export function idsOf(words: string, { labels, grammars }: Vocabulary = SPOKEN): number[] {
  const named = new Map(Object.values(grammars).flatMap((entries) => entries.map(({ word, label }) => [word, label])));
  return words
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => labels.indexOf(named.get(word) ?? word) + 1);
}
