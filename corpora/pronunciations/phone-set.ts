/**
 * One set of phones for all languages, after the International Phonetic Alphabet, and what espeak-ng, and the voices of CMU, write as phones of
 * it. Diphthongs are a vowel and a glide, vowels with r in them a vowel and an r; stress, length, nasality and palatalisation are not told.
 */
import { HearkenError } from '../../src/errors.ts';

/** The 47 phones: consonants, then vowels. */
export const PHONE_SET: readonly string[] =
  'p b t d k g f v θ ð s z ʃ ʒ h x tʃ dʒ m n ŋ ɲ l ɹ r ʁ ɾ j w i ɪ e ɛ æ a ɑ ɒ ɔ o ʊ u ʌ ə ɜ y ø ɨ'.split(' ');

const KNOWN: ReadonlySet<string> = new Set(PHONE_SET);

/** Sounds that are not in the set, as the nearest that are. */
const NEAREST: Readonly<Record<string, string>> = {
  // consonants
  ɡ: 'g',
  ɫ: 'l',
  ɭ: 'l',
  ʟ: 'l',
  ɬ: 'l',
  ʋ: 'v',
  β: 'b',
  ɸ: 'f',
  ɣ: 'x',
  χ: 'x',
  ħ: 'h',
  ɦ: 'h',
  ʂ: 'ʃ',
  ʐ: 'ʒ',
  ɕ: 'ʃ',
  ʑ: 'ʒ',
  ɻ: 'ɹ',
  ʀ: 'ʁ',
  ʍ: 'w',
  ɥ: 'j',
  ʝ: 'j',
  ɱ: 'm',
  ɳ: 'n',
  ɴ: 'ŋ',
  ʈ: 't',
  ɖ: 'd',
  q: 'k',
  ɢ: 'g',
  ʎ: 'l j',
  c: 't j',
  ɟ: 'd j',
  ʦ: 't s',
  ʣ: 'd z',
  ʧ: 'tʃ',
  ʤ: 'dʒ',
  ɺ: 'ɾ',
  ʕ: '',
  // vowels
  œ: 'ø',
  ɶ: 'ø',
  ɵ: 'ø',
  ʏ: 'y',
  ɯ: 'ɨ',
  ʉ: 'u',
  ɘ: 'ə',
  ɤ: 'ʌ',
  ɐ: 'ə',
  ᵻ: 'ɪ',
  ɞ: 'ɜ',
  ε: 'ɛ', // the letter of Greek, which espeak-ng writes in Danish
  ɚ: 'ə ɹ',
  ɝ: 'ɜ ɹ',
};

/** Second halves of diphthongs that are glides. */
const GLIDES: Readonly<Record<string, string>> = {
  aɪ: 'j',
  eɪ: 'j',
  ɔɪ: 'j',
  ɛɪ: 'j',
  ɛi: 'j',
  øɪ: 'j',
  aʊ: 'w',
  oʊ: 'w',
  əʊ: 'w',
  ʌʊ: 'w',
};

/** Names of languages between which espeak-ng changes, as in `(en)`. */
const LANGUAGE_CHANGE = /\([a-z-]+\)/g;
/** Combining marks, modifiers, stress, length, tones, and what is no sound. */
const UNTOLD = /[\p{M}ˈˌːˑʲʰʷˠˤˀ˞‿\s\d()'"!?.,;:_^-]/gu;

/**
 * The phones of what espeak-ng says in IPA with the voice of `language`, such as `en-us` or `cs`. Throws `corpora/unknown-phoneme` at a sound
 * that is told by none of the set.
 */
export function phonesOfIpa(ipa: string, language: string): string[] {
  const isEnglish = language.startsWith('en');
  const told = ipa
    .normalize('NFD')
    .replaceAll(LANGUAGE_CHANGE, '')
    .replaceAll('c\u0327', 'x') // ç
    .replaceAll('r\u031D', 'rʒ') // the ř of Czech
    .replaceAll('ʔ', isEnglish ? 't' : '')
    .replaceAll('ɜː', language === 'en-us' ? 'ɝ' : 'ɜ') // the vowel of "bird", whose r an American says
    .replaceAll(UNTOLD, '');
  const phones: string[] = [];
  for (const sound of told.replaceAll('tʃ', 'ʧ').replaceAll('dʒ', 'ʤ')) {
    const before = phones.at(-1);
    const glide = before === undefined ? undefined : GLIDES[`${before}${NEAREST[sound] ?? sound}`];
    if (glide === undefined) phones.push(...nearest(sound));
    else {
      if (before === 'ə' || before === 'ʌ') phones[phones.length - 1] = isEnglish ? 'o' : 'a';
      phones.push(glide);
    }
  }
  return phones.filter((phone, index) => !(phone === 'ɹ' && phones[index - 1] === 'ɹ'));
}

function nearest(sound: string): string[] {
  if (KNOWN.has(sound)) return [sound];
  const phones = NEAREST[sound];
  if (phones !== undefined) return phones.split(' ').filter((phone) => phone !== '');
  throw new HearkenError(
    'corpora/unknown-phoneme',
    `Expected a sound of the International Phonetic Alphabet, got '${sound}'`,
  );
}
