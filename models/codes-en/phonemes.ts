/** How the words are pronounced in American and in British English, for synthesisers that read phonemes (IPA). */
export type Accent = 'american' | 'british';

const AMERICAN: Readonly<Record<string, string>> = {
  zero: 'zˈɪɹoʊ',
  one: 'wˈʌn',
  two: 'tˈuː',
  three: 'θɹˈiː',
  four: 'fˈɔːɹ',
  five: 'fˈaɪv',
  six: 'sˈɪks',
  seven: 'sˈɛvən',
  eight: 'ˈeɪt',
  nine: 'nˈaɪn',
  oh: 'ˈoʊ',
  a: 'ˈeɪ',
  b: 'bˈiː',
  c: 'sˈiː',
  d: 'dˈiː',
  e: 'ˈiː',
  f: 'ˈɛf',
  g: 'dʒˈiː',
  h: 'ˈeɪtʃ',
  i: 'ˈaɪ',
  j: 'dʒˈeɪ',
  k: 'kˈeɪ',
  l: 'ˈɛl',
  m: 'ˈɛm',
  n: 'ˈɛn',
  o: 'ˈoʊ',
  p: 'pˈiː',
  q: 'kjˈuː',
  r: 'ˈɑːɹ',
  s: 'ˈɛs',
  t: 'tˈiː',
  u: 'jˈuː',
  v: 'vˈiː',
  w: 'dˈʌbəljˌuː',
  x: 'ˈɛks',
  y: 'wˈaɪ',
  z: 'zˈiː',
};
const BRITISH: Readonly<Record<string, string>> = {
  ...AMERICAN,
  zero: 'zˈɪəɹəʊ',
  four: 'fˈɔː',
  oh: 'ˈəʊ',
  o: 'ˈəʊ',
  r: 'ˈɑː',
  z: 'zˈɛd',
};

/** The pronunciation of `word` in IPA. Throws where it is none of the model's. */
export function phonemesOf(word: string, accent: Accent): string {
  const phonemes = (accent === 'british' ? BRITISH : AMERICAN)[word];
  if (phonemes === undefined) throw new TypeError(`Expected a word of codes-en, got '${word}'`);
  return phonemes;
}

/** Kokoro's alphabet writes diphthongs and affricates as one symbol; long vowels are marked in British English alone. */
export function kokoroPhonemesOf(word: string, accent: Accent): string {
  const short = accent === 'american' ? phonemesOf(word, accent).replaceAll('ː', '') : phonemesOf(word, accent);
  return short
    .replaceAll('eɪ', 'A')
    .replaceAll('aɪ', 'I')
    .replaceAll('oʊ', 'O')
    .replaceAll('əʊ', 'Q')
    .replaceAll('dʒ', 'ʤ')
    .replaceAll('tʃ', 'ʧ')
    .replaceAll('bəl', 'bᵊl');
}
