import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { drawCardinal, drawQuantity } from '../../corpora/spelled-out/draw.ts';
import { KINDS, type Quantity } from '../../corpora/spelled-out/quantity.ts';
import { LANGUAGES, spellOut } from '../../corpora/spelled-out/spell-out.ts';
import { Random } from '../../src/tensor/random.ts';

/** Quantities, and for each language how they are written and said. */
const TABLE: readonly (readonly [Quantity, ...(readonly [string, string])[]])[] = [
  [
    { kind: 'cardinal', value: 1984 },
    ['1984', 'one thousand nine hundred and eighty-four'],
    ['1984', 'eintausendneunhundertvierundachtzig'],
    ['1984', 'mille neuf cent quatre-vingt-quatre'],
    ['1984', '一千九百八十四'],
  ],
  [{ kind: 'ordinal', value: 1 }, ['1st', 'first'], ['1.', 'erste'], ['1er', 'premier'], ['第1', '第一']],
  [
    { kind: 'ordinal', value: 112 },
    ['112th', 'one hundred and twelfth'],
    ['112.', 'einhundertzwölfte'],
    ['112e', 'cent douzième'],
    ['第112', '第一百一十二'],
  ],
  [
    { kind: 'year', value: 1905 },
    ['1905', 'nineteen oh-five'],
    ['1905', 'neunzehnhundertfünf'],
    ['1905', 'mille neuf cent cinq'],
    ['1905', '一九〇五'],
  ],
  [
    { kind: 'year', value: 2005 },
    ['2005', 'two thousand and five'],
    ['2005', 'zweitausendfünf'],
    ['2005', 'deux mille cinq'],
    ['2005', '二〇〇五'],
  ],
  [
    { kind: 'date', year: 1984, month: 6, day: 1 },
    ['6/1/1984', 'June first nineteen eighty-four'],
    ['1.6.1984', 'erster Juni neunzehnhundertvierundachtzig'],
    ['01/06/1984', 'premier juin mille neuf cent quatre-vingt-quatre'],
    ['1984/6/1', '一九八四年六月一日'],
  ],
  [
    { kind: 'time', hour: 13, minute: 0 },
    ['1:00 PM', 'one p m'],
    ['13:00', 'dreizehn Uhr'],
    ['13:00', 'treize heures'],
    ['13:00', '十三点'],
  ],
  [
    { kind: 'time', hour: 1, minute: 2 },
    ['1:02 AM', 'one oh-two a m'],
    ['1:02', 'ein Uhr zwei'],
    ['1:02', 'une heure deux'],
    ['1:02', '一点零二分'],
  ],
  [
    { kind: 'amount', cents: 120_205 },
    ['$1,202.05', 'one thousand two hundred and two dollars and five cents'],
    ['1.202,05 €', 'eintausendzweihundertzwei Euro und fünf Cent'],
    ['1 202,05 €', 'mille deux cent deux euros et cinq centimes'],
    ['¥1,202.05', '一千两百零二元零五分'],
  ],
  [
    { kind: 'amount', cents: 20 },
    ['$0.20', 'twenty cents'],
    ['0,20 €', 'zwanzig Cent'],
    ['0,20 €', 'vingt centimes'],
    ['¥0.20', '两角'],
  ],
];

describe('a quantity is written and said', () => {
  test.each(LANGUAGES.map((language, column) => ({ language, column })))('in $language', ({ language, column }) => {
    for (const [quantity, ...pairs] of TABLE) {
      const { written, words } = spellOut(language, quantity);
      expect([written, words]).toEqual(pairs[column]);
    }
  });

  test('so that no two of a kind are said alike', () => {
    const clashes: string[] = [];
    for (const language of LANGUAGES) {
      for (const kind of KINDS) {
        const random = Random.seeded(7);
        const writtenOf = new Map<string, string>();
        for (let index = 0; index < 2000; index++) {
          const { written, words } = spellOut(language, drawQuantity(random, kind, 12));
          const other = writtenOf.get(words) ?? written;
          if (other !== written) clashes.push(`${words}: ${written}, ${other}`);
          writtenOf.set(words, written);
        }
      }
    }
    expect(clashes).toEqual([]);
  });
});

describe('drawn quantities', () => {
  test('are a function of the seed', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...KINDS), fc.integer({ min: 1, max: 12 }), (seed, kind, digits) => {
        const [one, other] = [0, 0].map(() => drawQuantity(Random.seeded(seed), kind, digits));
        expect(one).toEqual(other);
      }),
    );
  });

  test('have the digits that were asked for', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), (seed, digits) => {
        expect(String(drawCardinal(Random.seeded(seed), digits))).toHaveLength(digits);
      }),
    );
  });

  test('are dates that exist', () => {
    const random = Random.seeded(2);
    const days = new Set<number>();
    for (let index = 0; index < 3000; index++) {
      const { year, month, day } = drawQuantity(random, 'date', 1);
      const date = new Date(Date.UTC(year, month - 1, day));
      expect([date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]).toEqual([year, month, day]);
      days.add(day);
    }
    expect(days.size).toBe(31);
  });
});
