/**
 * Numbers in French words, as ICU spells them out, but for what grammar has otherwise: "deux cents millions" (ICU: "deux
 * cent millions"), "cent unième" ("cent-et-unième"), "quatre-vingt-onzième" ("quatre-vingt-et-onzième").
 */

const UNITS = [
  'zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit',
  'dix-neuf',
]
  .join(' ')
  .split(' ');
const TENS = '_ dix vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt'.split(' ');

/** "quatre-vingt" without its s. `n` in 1..99. */
function belowHundred(n: number): string {
  if (n < 20) return UNITS[n] ?? '';
  const ten = Math.floor(n / 10);
  const rest = ten === 7 || ten === 9 ? n - 10 * (ten - 1) : n % 10;
  if (rest === 0) return TENS[ten] ?? '';
  return `${TENS[ten]}${ten < 8 && (rest === 1 || rest === 11) ? '-et-' : '-'}${UNITS[rest]}`;
}

/** "deux cent", "quatre-vingt": without their s. `n` in 1..999. */
function belowThousand(n: number): string {
  const [hundreds, rest] = [Math.floor(n / 100), n % 100];
  const parts = [hundreds > 1 ? UNITS[hundreds] : '', hundreds > 0 ? 'cent' : '', rest > 0 ? belowHundred(rest) : ''];
  return parts.filter((part) => part !== '').join(' ');
}

/** The s of "quatre-vingts" and "deux cents", which stands at the end and before nouns ("millions"). */
function plural(n: number): string {
  return n % 100 === 80 || (n % 100 === 0 && n % 1000 > 100) ? 's' : '';
}

/** "mille neuf cent quatre-vingt-quatre". `n` in 0..999,999,999,999. */
export function frenchCardinal(n: number): string {
  if (n === 0) return 'zéro';
  const parts: string[] = [];
  for (const [value, noun] of [
    [1e9, 'milliard'],
    [1e6, 'million'],
  ] as const) {
    const group = Math.floor(n / value) % 1000;
    if (group > 0) parts.push(`${belowThousand(group)}${plural(group)} ${noun}${group > 1 ? 's' : ''}`);
  }
  const thousands = Math.floor(n / 1000) % 1000;
  if (thousands > 0) parts.push(thousands === 1 ? 'mille' : `${belowThousand(thousands)} mille`);
  if (n % 1000 > 0) parts.push(`${belowThousand(n % 1000)}${plural(n)}`);
  return parts.join(' ');
}

/** "vingt-et-une", as it stands before "heures". `n` in 0..999,999. */
export function frenchFeminine(n: number): string {
  return n % 10 === 1 && n % 100 !== 11 && n % 100 !== 71 && n % 100 !== 91
    ? `${frenchCardinal(n)}e`
    : frenchCardinal(n);
}

/** "premier", "vingt-et-unième", "quatre-vingtième". `n` in 1..999,999. */
export function frenchOrdinal(n: number): string {
  if (n === 1) return 'premier';
  const cardinal = frenchCardinal(n);
  const stem = plural(n) === 's' && n % 1000 !== 0 ? cardinal.slice(0, -1) : cardinal;
  if (stem.endsWith('cinq')) return `${stem}uième`;
  if (stem.endsWith('neuf')) return `${stem.slice(0, -1)}vième`;
  return `${stem.endsWith('e') ? stem.slice(0, -1) : stem}ième`;
}
