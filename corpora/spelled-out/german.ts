/** Numbers in German words, as ICU spells them out (without its soft hyphens): "eintausendneunhundertvierundachtzig". */

const UNITS = 'null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf'.split(' ');
const TEENS = 'dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn'.split(' ');
const TENS = '_ _ zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig'.split(' ');
const SCALES = [
  { value: 1e9, one: 'Milliarde', many: 'Milliarden' },
  { value: 1e6, one: 'Million', many: 'Millionen' },
];
const IRREGULAR_ORDINALS: Readonly<Record<number, string>> = { 1: 'erste', 3: 'dritte', 7: 'siebte', 8: 'achte' };

/** One word, which ends in "ein" where `n` ends in 1, as before a noun. `n` in 1..999,999. */
function compound(n: number): string {
  if (n >= 1000) return `${compound(Math.floor(n / 1000))}tausend${n % 1000 === 0 ? '' : compound(n % 1000)}`;
  if (n >= 100) return `${UNITS[Math.floor(n / 100)]}hundert${n % 100 === 0 ? '' : compound(n % 100)}`;
  if (n <= 12) return UNITS[n] ?? '';
  if (n < 20) return TEENS[n - 13] ?? '';
  return `${n % 10 === 0 ? '' : `${UNITS[n % 10]}und`}${TENS[Math.floor(n / 10)]}`;
}

/** "einhundertein", as it stands before "Euro" and "Uhr". `n` in 0..999,999,999,999. */
export function germanBeforeNoun(n: number): string {
  if (n === 0) return 'null';
  const parts: string[] = [];
  for (const { value, one, many } of SCALES) {
    const group = Math.floor(n / value) % 1000;
    if (group === 1) parts.push(`eine ${one}`);
    else if (group > 1) parts.push(`${compound(group)}${group % 100 === 1 ? 'e' : ''} ${many}`);
  }
  if (n % 1e6 > 0) parts.push(compound(n % 1e6));
  return parts.join(' ');
}

/** "einhunderteins". `n` in 0..999,999,999,999. */
export function germanCardinal(n: number): string {
  const words = germanBeforeNoun(n);
  return n % 100 === 1 ? `${words}s` : words;
}

/** "einhunderterste". `n` in 1..999,999. */
export function germanOrdinal(n: number): string {
  const [before, last] = [n - (n % 100), n % 100];
  const start = before === 0 ? '' : compound(before);
  if (last === 0) return `${start}ste`;
  const irregular = IRREGULAR_ORDINALS[last];
  return start + (irregular ?? `${compound(last)}${last < 20 ? 'te' : 'ste'}`);
}

/** "neunzehnhundertvierundachtzig", "zweitausendfünf". `n` in 1000..2999. */
export function germanYear(n: number): string {
  const [century, rest] = [Math.floor(n / 100), n % 100];
  if (century % 10 === 0 || century > 20) return germanCardinal(n);
  return `${compound(century)}hundert${rest === 0 ? '' : germanCardinal(rest)}`;
}
