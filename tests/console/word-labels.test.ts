import { expect, test } from 'vitest';

import { wordLabels } from '../../console/signal/word-labels.ts';

/** A word from `start` to `end`, each of whose letters takes ten pixels; a second takes a hundred. */
const word = (text: string, start: number, end: number) => ({ word: text, start, end, confidence: 1 });
const labels = (...words: ReturnType<typeof word>[]): unknown[] =>
  wordLabels(words, {
    toX: (seconds) => Math.round(100 * (seconds - 10)),
    width: 300,
    rows: 2,
    measure: (text) => 10 * text.length,
  }).map(({ word: { word: text }, x, row }) => [text, x, row]);

test('words are written where they begin, in a second row where the first has no room, and else not', () => {
  expect(labels(word('seven', 10.5, 11), word('one', 10.6, 11), word('two', 10.7, 11), word('six', 11.2, 12))).toEqual([
    ['seven', 50, 0],
    ['one', 60, 1],
    ['six', 120, 0],
  ]);
});

test('a word that an edge cuts is written whole inside it, and one that is out of view is not', () => {
  expect(labels(word('four', 8, 9.9), word('six', 9.9, 10.2), word('nine', 12.9, 13.4), word('two', 13, 14))).toEqual([
    ['six', 0, 0],
    ['nine', 260, 0],
  ]);
});
