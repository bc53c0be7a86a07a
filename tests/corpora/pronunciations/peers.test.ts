import { describe, expect, test } from 'vitest';

import { PHONES } from '../../../corpora/pronunciations/cmudict.ts';
import { phonesOfEspeak } from '../../../corpora/pronunciations/espeak-phones.ts';
import { PRONUNCIATION_PEERS, wordsKnownToEspeak } from '../../../corpora/pronunciations/peers.ts';
import { HearkenError } from '../../../src/errors.ts';
import { missingPrograms, skipNote } from '../../installed.ts';

describe('phonemes of espeak-ng', () => {
  test('become phones without stress, length and flaps', () => {
    expect(phonesOfEspeak("f_@_n_'E_t#_I_k_s").join(' ')).toBe('F AH N EH T IH K S');
    expect(phonesOfEspeak("b_'3:_d").join(' ')).toBe('B ER D');
    expect(phonesOfEspeak("'A:_l_b_o@_g").join(' ')).toBe('AA L B AO R G');
  });

  test('have one r where a vowel brings its own', () => {
    expect(phonesOfEspeak("'e@_r_oU").join(' ')).toBe('EH R OW');
    expect(phonesOfEspeak("'a_m_3_r-_,a_m").join(' ')).toBe('AE M ER AE M');
    expect(phonesOfEspeak("'a_r_@").join(' ')).toBe('AE R AH');
  });

  test('that the voice does not have are refused', () => {
    expect(() => phonesOfEspeak('h_@_y')).toThrow(HearkenError);
    expect(() => phonesOfEspeak('h_@_y')).toThrow("got 'y'");
  });
});

const WORDS = ['hello', 'phonetics', "bird's"];

for (const { name, program, said } of [
  { name: 'espeak-ng', program: 'espeak-ng', said: ['HH AH L OW', 'F AH N EH T IH K S', 'B ER D Z'] },
  { name: 'flite', program: 't2p', said: ['HH AH L OW', 'F AH N EH T IH K S', 'B ER D Z'] },
  { name: 'festival', program: 'festival', said: ['HH AH L OW', 'F AH N EH T IH K S', 'B ER D Z'] },
]) {
  const missing = missingPrograms(program);
  test.skipIf(missing.length > 0)(`${name} says words in phones${skipNote(missing)}`, async () => {
    const peer = PRONUNCIATION_PEERS.find((each) => each.name === name);
    const answers = await peer?.pronounce(WORDS);
    expect(answers?.map((phones) => phones.join(' '))).toEqual(said);
    expect(answers?.flat().filter((phone) => !PHONES.includes(phone))).toEqual([]);
  });
}

const missing = missingPrograms('espeak-ng');
test.skipIf(missing.length > 0)(`espeak-ng tells the words that it has in its list${skipNote(missing)}`, async () => {
  expect(await wordsKnownToEspeak(WORDS)).toEqual(new Set(['hello']));
});
