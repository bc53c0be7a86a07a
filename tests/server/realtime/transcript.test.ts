import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createTranscript } from '../../../server/realtime/transcript.ts';
import type { Word } from '../../../src/text/word.ts';

const wordsOf = (text: string): Word[] =>
  text
    .split(' ')
    .filter((word) => word !== '')
    .map((word, index) => ({ word, start: index, end: index + 1, confidence: 1 }));
const textOf = (words: readonly Word[]): string => words.map(({ word }) => word).join(' ');

test('a word is told once two partials agree on it, the rest when it is settled', () => {
  const { revise, settle, words } = createTranscript();
  const told = ['five', 'five one', 'five nine', 'five nine two'].map((text) => textOf(revise(wordsOf(text))));
  expect(told).toEqual(['', 'five', '', 'nine']);
  expect(textOf(settle(wordsOf('five nine two')))).toBe('two');
  expect(textOf(words())).toBe('five nine two');
});

test('what is settled otherwise than it was told is not told, and does not keep the next utterance from being told', () => {
  const { revise, settle, words } = createTranscript();
  revise(wordsOf('five'));
  expect(textOf(revise(wordsOf('five one')))).toBe('five');
  expect(settle(wordsOf('nine one'))).toEqual([]);
  expect(textOf(settle(wordsOf('two')))).toBe('two');
  expect(textOf(words())).toBe('nine one two');
});

test('whatever the partials were, what is told of a final that keeps to it is the final', () => {
  const text = fc.array(fc.constantFrom('one', 'two'), { maxLength: 5 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(text, { maxLength: 6 }), text, (partials, final) => {
      const { revise, settle } = createTranscript();
      const told = partials.flatMap((partial) => revise(wordsOf(partial)));
      const before = textOf(told);
      const all = textOf([...told, ...settle(wordsOf(final))]);
      expect(all).toBe(`${final} `.startsWith(`${before} `) || before === '' ? final : before);
    }),
  );
});
