import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { CHECK_NAMES, type CheckName, satisfiesCheck } from '../../src/grammar/check-digits.ts';

/** Codes that are published as examples: on Wikipedia's pages of the schemes, and by the documentation of python-stdnum. */
const PUBLISHED: readonly (readonly [CheckName, string])[] = [
  ['luhn', '79927398713'],
  ['luhn', '4111 1111 1111 1111'],
  ['mod97', 'GB82 WEST 1234 5698 7654 32'],
  ['mod97', 'DE89 3704 0044 0532 0130 00'],
  ['isbn10', '0-306-40615-2'],
  ['isbn10', '0-8044-2957-X'],
  ['isbn13', '978-0-306-40615-7'],
  ['ean', '4006381333931'],
  ['ean', '73513537'],
  ['ean', '036000291452'],
  ['damm', '5724'],
  ['verhoeff', '2363'],
  ['verhoeff', '12340'],
  ['mod11', '0000-0002-1825-0097'],
  ['mod11', '079X'],
  ['isin', 'US0378331005'],
  ['vin', '1M8GDM9AXKP042788'],
  ['aba', '111000025'],
  ['nhs', '943 476 5919'],
  ['nhs', '943-476-5870'],
  ['bsn', '1112.22.333'],
  ['cpf', '390.533.447-05'],
  ['steuerid', '36 574 261 809'],
];

describe('check digits', () => {
  test.each(PUBLISHED)('%s holds of %s', (name, code) => {
    expect(satisfiesCheck(name, code)).toBe(true);
  });

  test('are tested for every scheme', () => {
    expect([...new Set(PUBLISHED.map(([name]) => name))].toSorted()).toEqual([...CHECK_NAMES].toSorted());
  });

  test('see every digit that is taken for another', () => {
    const wrong: string[] = [];
    // Brazil writes the remainders 10 and 0 both as 0, so that some changes pass.
    for (const [name, code] of PUBLISHED.filter(([one]) => one !== 'cpf')) {
      for (const [place, character] of Array.from(code).entries()) {
        if (!/\d/.test(character)) continue;
        for (let digit = 0; digit < 10; digit++) {
          const other = code.slice(0, place) + digit + code.slice(place + 1);
          if (other !== code && satisfiesCheck(name, other)) wrong.push(`${name} ${other}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  test.each(['damm', 'verhoeff'] as const)('%s sees neighbours that change places', (name) => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{2,8}$/), fc.nat(), (digits, at) => {
        const code = Array.from('0123456789', (last) => digits + last).find((one) => satisfiesCheck(name, one))!;
        const place = at % (code.length - 1);
        const [a, b] = [code[place]!, code[place + 1]!];
        const swapped = code.slice(0, place) + b + a + code.slice(place + 2);
        expect(satisfiesCheck(name, swapped)).toBe(a === b);
      }),
    );
  });

  test('refuse what is not of the scheme’s form', () => {
    for (const name of CHECK_NAMES)
      for (const code of ['', 'x', '1', '12é4', '??']) expect(satisfiesCheck(name, code)).toBe(false);
  });
});
