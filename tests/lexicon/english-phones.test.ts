import { describe, expect, test } from 'vitest';

import { PHONES } from '../../corpora/pronunciations/cmudict.ts';
import { PHONE_SET } from '../../corpora/pronunciations/phone-set.ts';
import { phonesOfCmu, waysToSay } from '../../src/lexicon/english-phones.ts';

const ways = (names: string): string[] => waysToSay(names.split(' ')).map((phones) => phones.join(' '));

describe('phonesOfCmu', () => {
  test('knows every phone of the dictionary, in capitals or not, and leaves pauses out', () => {
    expect(phonesOfCmu(PHONES).every((phone) => PHONE_SET.includes(phone))).toBe(true);
    expect(phonesOfCmu('pau f ao r s eh v ax n pau'.split(' ')).join(' ')).toBe('f o ɹ s ɛ v ə n');
    expect(() => phonesOfCmu(['QQ'])).toThrow("Expected a phone of American English, got 'QQ'");
  });
});

describe('waysToSay', () => {
  // Words of Wells, 1982, "Accents of English", chapter 2: lexical sets, of which General American and Received Pronunciation differ.
  test.each([
    ['lot', 'L AA1 T', ['l ɑ t', 'l ɒ t']],
    ['trap', 'T R AE1 P', ['t ɹ æ p', 't ɹ a p']],
    ['nurse', 'N ER1 S', ['n ɜ ɹ s', 'n ɜ s']],
    ['near', 'N IH1 R', ['n ɪ ɹ', 'n i ə']],
    ['square', 'S K W EH1 R', ['s k w ɛ ɹ', 's k w e ə']],
    ['start', 'S T AA1 R T', ['s t ɑ ɹ t', 's t ɑ t']],
    ['north', 'N AO1 R TH', ['n o ɹ θ', 'n ɔ θ']],
    ['letter', 'L EH1 T ER0', ['l ɛ ɾ ə ɹ', 'l ɛ t ə ɹ', 'l ɛ t ə']],
    ['comma', 'K AA1 M AH0', ['k ɑ m ə', 'k ɒ m ə']],
    ['goat', 'G OW1 T', ['g o w t']],
  ])('%s', (_, names, expected) => {
    expect(ways(names)).toEqual(expected);
  });

  test('an r before a vowel is said by all, one after a vowel by Americans alone', () => {
    expect(ways('EH1 R AH0')).toEqual(['ɛ ɹ ə', 'e ə ɹ ə']);
    expect(ways('R EH1 D')).toEqual(['ɹ ɛ d']);
  });

  test('names without stress, as a model spells them, have the vowel of "comma" beside others', () => {
    expect(ways('K AA M AH')).toEqual(['k ɑ m ə', 'k ɒ m ə']);
    expect(ways('K AH T')).toEqual(['k ʌ t']);
  });

  test('every way of every name is one of phones that models hear', () => {
    for (const before of PHONES) {
      for (const after of PHONES) {
        for (const way of waysToSay([before, after])) {
          expect(way.filter((phone) => !PHONE_SET.includes(phone))).toEqual([]);
        }
      }
    }
  });
});
