/**
 * Numbers in English words, as ICU spells them out: "one hundred and one" (its verbose rules, without the commas) or,
 * where `and` is false, "one hundred one".
 */

/** How a number is said. */
export type EnglishOptions = {
  /** Whether "and" stands before the tens and units, as in British English. Default true. */
  readonly and?: boolean;
};

const UNITS = [
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen',
  'eighteen nineteen',
]
  .join(' ')
  .split(' ');
const TENS = '_ _ twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const SCALES = ['', 'thousand', 'million', 'billion'];
const IRREGULAR_ORDINALS: Readonly<Record<string, string>> = {
  one: 'first',
  two: 'second',
  three: 'third',
  five: 'fifth',
  eight: 'eighth',
  nine: 'ninth',
  twelve: 'twelfth',
};

/** "nineteen", "eighty-four". `n` in 0..99. */
function belowHundred(n: number): string {
  if (n < 20) return UNITS[n] ?? '';
  const unit = n % 10;
  return `${TENS[Math.floor(n / 10)]}${unit === 0 ? '' : `-${UNITS[unit]}`}`;
}

/** `n` in 1..999; `isAfter` says that a scale stands before it. */
function belowThousand(n: number, and: boolean, isAfter: boolean): string {
  const [hundreds, rest] = [Math.floor(n / 100), n % 100];
  const joined = and && (hundreds > 0 || isAfter) ? 'and ' : '';
  const end = rest === 0 ? '' : `${joined}${belowHundred(rest)}`;
  return hundreds === 0 ? end : `${UNITS[hundreds]} hundred${end === '' ? '' : ` ${end}`}`;
}

/** "one thousand nine hundred and eighty-four". `n` in 0..999,999,999,999. */
export function englishCardinal(n: number, { and = true }: EnglishOptions = {}): string {
  if (n === 0) return 'zero';
  const parts: string[] = [];
  for (let scale = SCALES.length - 1; scale >= 0; scale--) {
    const group = Math.floor(n / 1000 ** scale) % 1000;
    if (group === 0) continue;
    const words = belowThousand(group, and, scale === 0 && parts.length > 0);
    parts.push(scale === 0 ? words : `${words} ${SCALES[scale]}`);
  }
  return parts.join(' ');
}

/** "one thousand nine hundred and eighty-fourth". `n` in 1..999,999,999,999. */
export function englishOrdinal(n: number, options: EnglishOptions = {}): string {
  const cardinal = englishCardinal(n, options);
  const last = /[a-z]+$/.exec(cardinal)?.[0] ?? '';
  const ordinal = IRREGULAR_ORDINALS[last] ?? (last.endsWith('y') ? `${last.slice(0, -1)}ieth` : `${last}th`);
  return cardinal.slice(0, -last.length) + ordinal;
}

/**
 * "nineteen eighty-four", "nineteen oh-five", "nineteen hundred", "twenty ten"; in the first ten years of a thousand, which nobody
 * says in pairs, the cardinal: "two thousand and five". `n` in 1000..2999.
 */
export function englishYear(n: number, options: EnglishOptions = {}): string {
  const [century, rest] = [Math.floor(n / 100), n % 100];
  if (century % 10 === 0 && rest < 10) return englishCardinal(n, options);
  if (rest === 0) return `${belowHundred(century)} hundred`;
  return `${belowHundred(century)} ${rest < 10 ? `oh-${UNITS[rest]}` : belowHundred(rest)}`;
}
