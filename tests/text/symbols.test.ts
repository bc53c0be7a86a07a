import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { symbolCodec, symbolCount, type Symbols } from '../../src/text/symbols.ts';

const CHARACTERS: Symbols = { unit: 'character', symbols: ['a', 'b', 'é', '𝄞', ' '] };
const WORDS: Symbols = { unit: 'word', symbols: ['AE', 'K', 'T'] };
const IDS: Symbols = { unit: 'id', count: 300 };

describe.each([CHARACTERS, WORDS, IDS])('symbols of unit $unit', (symbols) => {
  const codec = symbolCodec(symbols);

  test('text of ids gives the ids back', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(symbolCount(symbols) - 1)), (ids) => {
        expect([...codec.encode(codec.decode(ids))]).toEqual(ids);
      }),
    );
  });

  test('each id has one name, and none beyond the count', () => {
    const names = Array.from({ length: codec.count }, (_, id) => codec.nameOf(id));
    expect(new Set(names).size).toBe(symbolCount(symbols));
    for (const id of [-1, codec.count, 0.5]) {
      expect(() => codec.nameOf(id)).toThrow(`Expected ids in 0..${codec.count - 1}, got '${id}' as symbol 1`);
    }
  });
});

test('characters are code points, words stand between any white space', () => {
  expect([...symbolCodec(CHARACTERS).encode('é𝄞a')]).toEqual([2, 3, 0]);
  expect([...symbolCodec(WORDS).encode('  K AE\tT\n')]).toEqual([1, 0, 2]);
  expect(symbolCodec(WORDS).decode([1, 0])).toBe('K AE');
});

test.each([
  [CHARACTERS, 'abc', "Expected characters that the model knows, got 'c' as symbol 3"],
  [WORDS, 'K AH', "Expected words that the model knows, got 'AH' as symbol 2"],
  [IDS, '7 300', "Expected ids in 0..299, got '300' as symbol 2"],
  [IDS, 'x', "Expected ids in 0..299, got 'x' as symbol 1"],
])('refuses what it does not know, by name and place: %j %s', (symbols, text, message) => {
  expect(() => symbolCodec(symbols).encode(text)).toThrow(
    expect.objectContaining({ code: 'symbols/unknown', message }),
  );
});

test('pieces need their tokenizer', () => {
  expect(() => symbolCodec({ unit: 'piece', tokenizer: 'tokenizer.json', count: 8 })).toThrow(
    expect.objectContaining({ code: 'symbols/unit' }),
  );
});
