/**
 * English phones as the CMU Pronouncing Dictionary, and voices of CMU, name them, as phones of the International Phonetic Alphabet: a
 * diphthong is a vowel and a glide, a vowel with r in it a vowel and an r.
 */
import { HearkenError } from '../errors.ts';

const OF_CMU: Readonly<Record<string, string>> = {
  AA: 'ɑ',
  AE: 'æ',
  AH: 'ʌ',
  AO: 'ɔ',
  AW: 'a w',
  AX: 'ə',
  AXR: 'ə ɹ',
  AY: 'a j',
  B: 'b',
  CH: 'tʃ',
  D: 'd',
  DH: 'ð',
  DX: 'ɾ',
  EH: 'ɛ',
  ER: 'ɜ ɹ',
  EY: 'e j',
  F: 'f',
  G: 'g',
  HH: 'h',
  IH: 'ɪ',
  IY: 'i',
  JH: 'dʒ',
  K: 'k',
  L: 'l',
  M: 'm',
  N: 'n',
  NG: 'ŋ',
  OW: 'o w',
  OY: 'ɔ j',
  P: 'p',
  R: 'ɹ',
  S: 's',
  SH: 'ʃ',
  T: 't',
  TH: 'θ',
  UH: 'ʊ',
  UW: 'u',
  V: 'v',
  W: 'w',
  Y: 'j',
  Z: 'z',
  ZH: 'ʒ',
};

/**
 * The phones of `names`, those of CMUdict or of a voice of CMU, in small letters or capitals; pauses are left out. The vowel of "four" is that of
 * espeak-ng there. Throws `lexicon/unknown-phone`.
 */
export function phonesOfCmu(names: readonly string[]): string[] {
  const spoken = names.map((name) => name.toUpperCase()).filter((name) => name !== 'PAU');
  return spoken.flatMap((name, index) => {
    if (name === 'AO' && spoken[index + 1] === 'R') return ['o'];
    const phones = OF_CMU[name];
    if (phones !== undefined) return phones.split(' ');
    throw new HearkenError('lexicon/unknown-phone', `Expected a phone of American English, got '${name}'`);
  });
}

/** What vowels are in British English where they are others; before an r as the table below says. */
const BRITISH: Readonly<Record<string, string>> = { AE: 'a', AA: 'ɒ' };
/** Vowels before an r, which itself is said before a vowel only. */
const BRITISH_BEFORE_R: Readonly<Record<string, string>> = {
  AA: 'ɑ',
  AO: 'ɔ',
  EH: 'e ə',
  IH: 'i ə',
  IY: 'i ə',
  UH: 'ʊ ə',
  UW: 'ʊ ə',
  ER: 'ɜ',
  AXR: 'ə',
};
/** After these the vowel of "new" begins with a glide. */
const BEFORE_GLIDE: ReadonlySet<string> = new Set(['T', 'D', 'N']);

/**
 * Ways to say a word, each a list of phones, the likelier first: as an American says it, with the t of "water" as a tap and without, and as a
 * Briton does. `names` are those of CMUdict, with marks of stress (`AH0`) or without; what is not marked counts as stressed, but for the vowel of "cut" beside others.
 * Throws `lexicon/unknown-phone`.
 *
 * @example
 * ```ts
 * import { waysToSay } from 'hearken';
 *
 * for (const phones of waysToSay(['W', 'AO1', 'T', 'ER0'])) console.log(phones.join(' '));
 * // => w ɔ ɾ ə ɹ
 * // => w ɔ t ə ɹ
 * // => w ɔ t ə
 * ```
 */
export function waysToSay(names: readonly string[]): string[][] {
  const reduced = withReducedVowels(names);
  const ways = [tapped(reduced), reduced].map(phonesOfCmu);
  return distinct([...ways, british(reduced)]);
}

/** Names without marks of stress, in which vowels that are not stressed have names of their own. */
function withReducedVowels(names: readonly string[]): string[] {
  const isMarked = names.some((name) => /\d$/.test(name));
  const vowels = names.filter(isVowel).length;
  return names.map((name) => {
    const bare = name.replace(/\d$/, '');
    const isReduced = isMarked ? name.endsWith('0') : bare === 'AH' && vowels > 1;
    if (isReduced && bare === 'AH') return 'AX';
    return isReduced && bare === 'ER' ? 'AXR' : bare;
  });
}

/** Vowels before which a t is a tap. */
const REDUCED: ReadonlySet<string> = new Set(['AX', 'AXR', 'IY', 'IH']);

/** `names` with a tap for each t and d between a vowel and one that is not stressed. */
function tapped(names: readonly string[]): string[] {
  return names.map((name, index) => {
    const isTap = name === 'T' || name === 'D';
    const before = names[index - 1];
    const isBetween =
      before !== undefined && (isVowel(before) || before === 'R') && REDUCED.has(names[index + 1] ?? '');
    return isTap && isBetween ? 'DX' : name;
  });
}

function british(names: readonly string[]): string[] {
  const phones: string[] = [];
  for (const [index, name] of names.entries()) {
    const [before, next] = [names[index - 1], names[index + 1]];
    const isLinked = next !== undefined && isVowel(next);
    const isRhotic = name === 'ER' || name === 'AXR';
    if (name === 'R') {
      if (isLinked) phones.push('ɹ');
    } else if (isRhotic || next === 'R') {
      const vowel = BRITISH_BEFORE_R[name];
      phones.push(...(vowel === undefined ? phonesOfCmu([name]) : vowel.split(' ')));
      if (isRhotic && isLinked) phones.push('ɹ');
    } else {
      if (name === 'UW' && before !== undefined && BEFORE_GLIDE.has(before)) phones.push('j');
      phones.push(...(BRITISH[name] === undefined ? phonesOfCmu([name]) : BRITISH[name].split(' ')));
    }
  }
  return phones;
}

function isVowel(name: string): boolean {
  return /^[AEIOU]/.test(name);
}

function distinct(ways: readonly string[][]): string[][] {
  return [...new Map(ways.map((phones) => [phones.join(' '), phones])).values()];
}
