import { describe, expect, test } from 'vitest';

import { codeGrammar } from '../../src/grammar/code-grammar.ts';
import type { CodeForm } from '../../src/grammar/grammar-form.ts';
import { readRecognizerConfig } from '../../src/model/config-file.ts';
import { idsOf, SPOKEN } from './spoken-vocabulary.ts';

/** What may be written of `words`, the likeliest first. */
function readingsOf(form: CodeForm, words: string): string[] {
  const { walk } = codeGrammar(SPOKEN, 'en', form).code;
  return walk.readings(idsOf(words), 100).flatMap(({ written, complete }) => (complete ? [written] : []));
}

describe('ways of speaking', () => {
  test.each([
    ['\\d{4}', 'four seven two nine', '4729'],
    ['\\d{3}', 'oh nought zero', '000'],
    ['\\d{4}', 'double five triple seven', ''],
    ['\\d{5}', 'double five triple seven', '55777'],
    ['[A-Z]{3}', 'double b c', 'BBC'],
    ['[A-Z]{2}', 'alpha b', 'AB'],
    ['[A-Z]\\d', 'a as in apple one', 'A1'],
    ['[A-Z]\\d', 'a for alpha one', 'A1'],
    ['[A-Z]\\d', 'z as in zero one', 'Z1'],
    ['[A-Z]{2}-\\d', 'a b one', 'AB-1'],
    ['[A-Z]{2}-\\d', 'a b dash one', 'AB-1'],
    ['[A-Z]-?\\d', 'a one', 'A1'],
    ['[A-Z]-?\\d', 'a dash one', 'A-1'],
    ['[a-z]\\d', 'a one', 'a1'],
    ['[A-Za-z]{2}', 'capital a b', 'AB'],
    ['[A-Z0-9]{2}', 'o zero', 'O0'],
    ['(AB|7)\\d?', 'a b', 'AB'],
  ])('of %s: "%s" is %s', (pattern, words, written) => {
    expect(readingsOf({ pattern }, words)[0] ?? '').toBe(written);
  });

  test('of numbers are those of digits, too, where they are asked for', () => {
    const year = { pattern: '\\d{4}', numbers: true };
    expect(readingsOf(year, 'nineteen eighty four')[0]).toBe('1984');
    expect(readingsOf(year, 'nineteen hundred')[0]).toBe('1900');
    expect(readingsOf({ ...year, pattern: '\\d{3}' }, 'two hundred and twenty one')[0]).toBe('221');
    expect(readingsOf({ pattern: '\\d{4}' }, 'nineteen eighty four')).toEqual([]);
  });

  test('that sound the same are all read, the usual one first', () => {
    expect(readingsOf({ pattern: '[A-Z0-9]{2}' }, 'o b')).toEqual(['OB', '0B']);
  });
});

describe('a grammar of codes', () => {
  test('says which words the model lacks, and which characters it cannot hear', async () => {
    const { vocabulary, language } = await readRecognizerConfig('models/codes-en');
    const { code } = codeGrammar(vocabulary, language, { pattern: '[A-Z%]\\d' });
    expect(code.unspoken).toEqual(['%']);
    expect(code.unknownWords).toEqual(expect.arrayContaining(['nought', 'double', 'dash', 'alpha', 'capital']));
  });

  test('is refused where nothing of it can be said', () => {
    const compile = (): unknown => codeGrammar(SPOKEN, 'en', { pattern: '%\\d' });
    expect(compile).toThrow(
      expect.objectContaining({ code: 'grammar/unspoken', message: expect.stringContaining('%') }),
    );
  });

  test('of a language without words of its own has one label a character', () => {
    const grammar = codeGrammar(
      {
        ...SPOKEN,
        labels: ['1', 'a', 'dash'],
        grammars: {
          all: [
            { label: '1', word: 'uno' },
            { label: 'a', word: 'a' },
          ],
        },
      },
      'es',
      { pattern: 'A1' },
    );
    expect([...grammar.words.values()]).toEqual(['uno', 'a']);
    expect(grammar.code.walk.readings([2, 1], 1)).toEqual([{ written: 'A1', weight: 0, complete: true }]);
  });

  test('writes what was said in the words of the smallest grammar that has them', () => {
    expect(codeGrammar(SPOKEN, 'en', { pattern: '0' }).words.get(idsOf('o')[0]!)).toBe('oh');
  });

  test.each([
    ['an unknown scheme', { pattern: '\\d', check: 'lun' }, 'option/unknown-value', 'did you mean luhn?'],
    ['an unknown field', { pattern: '\\d', checks: 'luhn' }, 'option/unknown-name', 'did you mean check?'],
    ['no text', { pattern: 7 }, 'option/type', '`pattern`'],
    ['no function', { pattern: '\\d', isValid: 'x' }, 'option/type', '`isValid`'],
    ['no boolean', { pattern: '\\d', numbers: 1 }, 'option/type', '`numbers`'],
    ['no alternatives', { pattern: '\\d', alternatives: 0 }, 'option/out-of-range', '1..100'],
    ['a negative margin', { pattern: '\\d', margin: -1 }, 'option/out-of-range', '0..1000'],
  ])('is refused with %s', (_, form, code, message) => {
    const compile = (): unknown => codeGrammar(SPOKEN, 'en', form as CodeForm);
    expect(compile).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });
});
