import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { maskedCode, maskedWords } from '../../src/grammar/masked-code.ts';

test.each([
  ['5500 0055 5555 5559', '**** **** **** 5559'],
  ['GB82-WEST-1234', '****-****-1234'],
  ['12345678', '****5678'],
  ['123456', '***456'],
  ['4729', '**29'],
  ['7', '*'],
  ['𝟙𝟚𝟛𝟜', '**𝟛𝟜'],
  ['-', '-'],
  ['', ''],
])('a masked %s is %s', (written, masked) => {
  expect(maskedCode(written)).toBe(masked);
});

test('at most four symbols and at most half of them stay, at the end, and nothing else changes', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('0', '7', 'K', 'ß', '-', ' ', '/') }), (written) => {
      const masked = maskedCode(written);
      expect(masked).toHaveLength(written.length);
      const symbols = Array.from(written).filter((one) => !'- /'.includes(one));
      const shown = Math.min(4, Math.floor(symbols.length / 2));
      const expected = symbols.map((symbol, index) => (index < symbols.length - shown ? '*' : symbol));
      expect(Array.from(masked).filter((one) => !'- /'.includes(one))).toEqual(expected);
      expect(masked.replaceAll(/[^- /]/g, '.')).toBe(written.replaceAll(/[^- /]/g, '.'));
    }),
  );
});

test('spoken words are masked one by one', () => {
  expect(maskedWords('four seven  double two')).toBe('* *  * *');
});
