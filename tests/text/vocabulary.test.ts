import { describe, expect, test } from 'vitest';

import {
  assertVocabulary,
  grammarFromText,
  labelIds,
  resolveGrammar,
  type Vocabulary,
} from '../../src/text/vocabulary.ts';

const NUMBERS = ['zero', 'one', 'two'];
const digits = NUMBERS.map((word, index) => ({ label: String(index), word }));
const letters = ['o', 'a', 'b'].map((label) => ({ label, word: label }));
const vocabulary: Vocabulary = {
  labels: ['0', '1', '2', 'o', 'a', 'b'],
  grammars: { digits: [...digits, { label: 'o', word: 'oh' }], letters, codes: [...digits, ...letters] },
  defaultGrammar: 'codes',
};

describe('a grammar', () => {
  test('is found by its name, and the default one without a name', () => {
    expect(resolveGrammar(vocabulary, 'digits')).toEqual({
      name: 'digits',
      allowed: [1, 2, 3, 4],
      words: new Map([
        [1, 'zero'],
        [2, 'one'],
        [3, 'two'],
        [4, 'oh'],
      ]),
    });
    expect(resolveGrammar(vocabulary).name).toBe('codes');
    expect(resolveGrammar(vocabulary).words.get(4)).toBe('o');
  });

  test('is made of words of any grammar, of labels, and in any case', () => {
    const grammar = resolveGrammar(vocabulary, ['OH', 'one', '2', 'b', 'One']);
    expect(grammar.allowed).toEqual([2, 3, 4, 6]);
    expect([...grammar.words.values()].toSorted()).toEqual(['b', 'oh', 'one', 'two']);
  });

  test('is read from a file of words with comments and any line ends', () => {
    const grammar = grammarFromText(vocabulary, 'yes.txt', '\uFEFFone two # numbers\r\n\r\n  # nothing\nb\r');
    expect(grammar).toMatchObject({ name: 'yes.txt', allowed: [2, 3, 6] });
  });

  test('names the word that the model does not know, and where it stands', () => {
    expect(() => resolveGrammar(vocabulary, ['one', 'eleven'])).toThrow(
      "Expected a word the model knows, got 'eleven' (word 2); it knows zero, one, two, o, a, b, oh",
    );
    expect(() => grammarFromText(vocabulary, 'yes.txt', 'one\n\ntwo nope')).toThrow("got 'nope' (line 3 of yes.txt)");
    expect(() => resolveGrammar(vocabulary, ['nope'])).toThrow(
      expect.objectContaining({ code: 'grammar/unknown-word' }),
    );
  });

  test('names the grammars there are when asked for another, even one that every object has', () => {
    expect(() => resolveGrammar(vocabulary, 'toString')).toThrow(
      "Expected a grammar of the model (digits, letters, codes) or a word list, got 'toString'",
    );
    expect(() => resolveGrammar(vocabulary, 'digit')).toThrow("got 'digit': did you mean digits?");
  });

  test('refuses two words for one sound, and no words', () => {
    expect(() => resolveGrammar(vocabulary, ['oh', 'o'])).toThrow(
      "got 'o' (word 2) beside 'oh', which sounds the same",
    );
    expect(() => grammarFromText(vocabulary, 'empty.txt', '# nothing')).toThrow("the list 'empty.txt', got none");
  });
});

describe('a vocabulary', () => {
  test('numbers its labels from 1, and back', () => {
    expect(labelIds(vocabulary, ['0', 'b', '0'])).toEqual([1, 6, 1]);
    expect(() => labelIds(vocabulary, ['z'])).toThrow("Expected a label of the vocabulary (0, 1, 2, o, a, b), got 'z'");
  });

  test('is accepted as it should be', () => {
    expect(() => assertVocabulary(vocabulary)).not.toThrow();
  });

  test.each([
    ['no labels', { labels: [] }, 'at least one label'],
    ['an empty label', { labels: ['0', ''] }, "got '' at index 1"],
    ['a label twice', { labels: ['0', '1', '0'] }, "got '0' twice"],
    [
      'a missing default',
      { defaultGrammar: 'words' },
      "`defaultGrammar` to be one of digits, letters, codes, got 'words'",
    ],
    ['an empty grammar', { grammars: { codes: [] } }, "grammar 'codes' to hold at least one word"],
    ['an unknown label', { grammars: { codes: [{ label: '9', word: 'nine' }] } }, "made of labels, got '9'"],
    ['a label twice in a grammar', { grammars: { codes: [...digits, ...digits] } }, "each label once, got '0' twice"],
  ])('with %s is refused', (_, change, message) => {
    expect(() => assertVocabulary({ ...vocabulary, ...change })).toThrow(message);
  });
});
