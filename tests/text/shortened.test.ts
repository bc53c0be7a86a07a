import fc from 'fast-check';
import { expect, test } from 'vitest';

import { shortened } from '../../src/text/shortened.ts';

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

test('a text of up to 60 bytes is quoted as it is', () => {
  for (const text of ['', 'x'.repeat(60), 'é'.repeat(30)]) expect(shortened(text)).toBe(text);
});

test('of a longer text the first characters are quoted, and three dots in one', () => {
  expect(shortened('x'.repeat(61))).toBe(`${'x'.repeat(57)}…`);
  expect(shortened('é'.repeat(31))).toBe(`${'é'.repeat(28)}…`); // a 29th would be cut in two
});

test('a quotation has at most 60 bytes, none of half a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
      const quoted = shortened(text);
      expect(bytesOf(quoted)).toBeLessThanOrEqual(60);
      expect(() => encodeURIComponent(quoted)).not.toThrow(); // as it does on half a character
      expect(text.startsWith(quoted.replace(/…$/, ''))).toBe(true);
    }),
  );
});
