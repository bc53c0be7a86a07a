import { describe, expect, test } from 'vitest';

import { pronounceEspeak } from '../../../corpora/synthesis/espeak.ts';
import { PHONE_SET, phonesOfIpa } from '../../../corpora/pronunciations/phone-set.ts';
import { phonesOfCmu } from '../../../src/lexicon/english-phones.ts';
import { missingPrograms, skipNote } from '../../installed.ts';

test('the set has 47 phones, none twice', () => {
  expect([PHONE_SET.length, new Set(PHONE_SET).size]).toEqual([47, 47]);
});

describe('phonesOfIpa', () => {
  // The fable of the north wind and the sun, as the Handbook of the International Phonetic Association (1999) transcribes its beginning.
  test.each([
    ['en-us', 'ðə ˈnɔɹθ ˌwɪnd ən ðə ˈsʌn', 'ð ə n ɔ ɹ θ w ɪ n d ə n ð ə s ʌ n'],
    ['fr', 'la biz e lə sɔlɛj', 'l a b i z e l ə s ɔ l ɛ j'],
    ['cs', 'ˈsɛvɛraːk a ˈslʊnt͡sɛ', 's ɛ v ɛ r a k a s l ʊ n t s ɛ'],
    ['nl', 'də ˈnoːrdəʋɪnt ɛn də zɔn', 'd ə n o r d ə v ɪ n t ɛ n d ə z ɔ n'],
    ['bg', 'ˈsɛvɛrnijɐt ˈvʲatɤr i ˈslɤnt͡sɛto', 's ɛ v ɛ r n i j ə t v a t ʌ r i s l ʌ n t s ɛ t o'],
  ])('%s: %s', (language, ipa, phones) => {
    expect(phonesOfIpa(ipa, language).join(' ')).toBe(phones);
  });

  test('a diphthong is a vowel and a glide, in either English the same', () => {
    expect(phonesOfIpa('nˈaɪn', 'en-us')).toEqual(['n', 'a', 'j', 'n']);
    expect(phonesOfIpa('zˈiəɹəʊ', 'en-gb')).toEqual(['z', 'i', 'ə', 'ɹ', 'o', 'w']);
    expect(phonesOfIpa('zˈiəɹoʊ', 'en-us')).toEqual(['z', 'i', 'ə', 'ɹ', 'o', 'w']);
    expect(phonesOfIpa('dʒˈeɪ tʃˈɔɪs', 'en-us')).toEqual(['dʒ', 'e', 'j', 'tʃ', 'ɔ', 'j', 's']);
  });

  test('the vowel of "bird" has an r where an American says it, one at a time', () => {
    expect(phonesOfIpa('bˈɜːd hˈɜːɹi', 'en-us').join(' ')).toBe('b ɜ ɹ d h ɜ ɹ i');
    expect(phonesOfIpa('bˈɜːd', 'en-gb').join(' ')).toBe('b ɜ d');
    expect(phonesOfIpa('lˈɛɾɚ', 'en-us').join(' ')).toBe('l ɛ ɾ ə ɹ');
  });

  test('a glottal stop is a t of English, and nothing elsewhere', () => {
    expect(phonesOfIpa('bˈʌʔn̩', 'en-us').join(' ')).toBe('b ʌ t n');
    expect(phonesOfIpa('ʔa', 'cs').join(' ')).toBe('a');
  });

  test('the ř of Czech is two phones, a change of language and tones are none', () => {
    expect(phonesOfIpa('tr̝ˈi', 'cs').join(' ')).toBe('t r ʒ i');
    expect(phonesOfIpa('(en)ɹˈiːl1(cs)a', 'cs').join(' ')).toBe('ɹ i l a');
  });

  test('refuses what is no sound of the alphabet, by name', () => {
    expect(() => phonesOfIpa('a#', 'cs')).toThrow("Expected a sound of the International Phonetic Alphabet, got '#'");
  });
});

const noEspeak = missingPrograms('espeak-ng');

describe.skipIf(noEspeak.length > 0)(`what espeak-ng says${skipNote(noEspeak)}`, () => {
  const said = async (language: string, text: string): Promise<string> => {
    const [ipa = ''] = await pronounceEspeak([text], language);
    return phonesOfIpa(ipa, language).join(' ');
  };

  test('is the same as CMUdict says of words whose sounds are the same in both', async () => {
    const words: readonly (readonly [string, string])[] = [
      ['seven', 'S EH V AX N'],
      ['eight', 'EY T'],
      ['four', 'F AO R'],
      ['nine', 'N AY N'],
      ['bird', 'B ER D'],
      ['house', 'HH AW S'],
      ['judge', 'JH AH JH'],
      ['church', 'CH ER CH'],
      ['yellow', 'Y EH L OW'],
    ];
    for (const [word, phones] of words) {
      expect(await said('en-us', word)).toBe(phonesOfCmu(phones.split(' ')).join(' '));
    }
  });

  test('is told in other languages, a line a text whatever its punctuation', async () => {
    expect(await said('cs', 'tři sta třicet tři')).toContain('t r ʒ i');
    expect(await said('nl', 'goedemorgen')).toContain('x');
    expect(await pronounceEspeak(['une rue.', 'Oui, non! (Peut-être?)', 'rue'], 'fr')).toHaveLength(3);
    const long = 'un deux trois quatre '.repeat(120); // answered in several lines
    const [before, between, after] = await pronounceEspeak(['rue', long, 'rue'], 'fr');
    expect([before, between?.match(/tʁwˈ?a/g)?.length, after]).toEqual(['ʁˈy', 120, 'ʁˈy']);
  });
});
