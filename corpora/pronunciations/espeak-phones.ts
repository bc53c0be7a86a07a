/**
 * espeak-ng's phonemes (voice `en-us`, as `espeak-ng -x` writes them) as phones of the CMU Pronouncing Dictionary.
 *
 * Each row is what CMUdict most often has there in words that both know. Where espeak-ng tells more than CMUdict (length, a flap, a
 * syllabic n) it is dropped; a vowel with r in it is two phones, except the one of "bird", whose r is part of CMUdict's ER.
 */
import { HearkenError } from '../../src/errors.ts';

const PHONES_OF: Readonly<Record<string, string>> = {
  // vowels
  a: 'AE',
  aa: 'AE',
  'a#': 'AH',
  'A:': 'AA',
  '0': 'AA',
  'O:': 'AO',
  O: 'AO',
  O2: 'AO',
  V: 'AH',
  '@': 'AH',
  '@2': 'AH',
  '@-': 'AH',
  E: 'EH',
  I: 'IH',
  I2: 'IH',
  'I#': 'IH',
  i: 'IY',
  'i:': 'IY',
  U: 'UH',
  'u:': 'UW',
  aI: 'AY',
  aU: 'AW',
  eI: 'EY',
  OI: 'OY',
  oU: 'OW',
  o: 'OW',
  // vowels with r, l or another vowel in them
  '3': 'ER',
  '3:': 'ER',
  'A@': 'AA R',
  'o@': 'AO R',
  'O@': 'AO R',
  'e@': 'EH R',
  'U@': 'UH R',
  'i@': 'IY AH',
  'i@3': 'IH R',
  'aI@': 'AY AH',
  aI3: 'AY ER',
  '@L': 'AH L',
  'n-': 'AH N',
  // consonants
  b: 'B',
  tS: 'CH',
  d: 'D',
  D: 'DH',
  f: 'F',
  g: 'G',
  h: 'HH',
  dZ: 'JH',
  k: 'K',
  x: 'K',
  l: 'L',
  'l#': 'L',
  m: 'M',
  n: 'N',
  N: 'NG',
  p: 'P',
  r: 'R',
  'r-': 'R',
  s: 'S',
  S: 'SH',
  t: 'T',
  t2: 'T',
  't#': 'T',
  '?': 'T',
  T: 'TH',
  v: 'V',
  w: 'W',
  j: 'Y',
  z: 'Z',
  Z: 'ZH',
  // a glide that is written and not said
  ';': '',
};

/** Stress, length and boundaries, which CMUdict's phones do not tell. */
const MARKS = /[',%=|]/g;

/**
 * The phones of one line of `espeak-ng -x --sep=_`. Throws `corpora/unknown-phoneme` at a phoneme that the voice is not known to have.
 *
 * An r after a vowel that has one already is heard once, as in `e@_r`.
 */
export function phonesOfEspeak(line: string): string[] {
  const phones = line
    .split(/[_\s]+/)
    .map((phoneme) => phoneme.replaceAll(MARKS, ''))
    .filter((phoneme) => phoneme !== '')
    .flatMap((phoneme) => mapped(phoneme).split(' '))
    .filter((phone) => phone !== '');
  return phones.filter((phone, index) => !(phone === 'R' && ['R', 'ER'].includes(phones[index - 1] ?? '')));
}

function mapped(phoneme: string): string {
  const phones = PHONES_OF[phoneme];
  if (phones === undefined) {
    throw new HearkenError('corpora/unknown-phoneme', `Expected a phoneme of espeak-ng's en-us, got '${phoneme}'`);
  }
  return phones;
}
