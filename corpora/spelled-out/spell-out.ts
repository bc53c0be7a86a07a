/**
 * Numbers, years, dates, times and amounts as they are written and as they are said, exactly, in four languages. Pure
 * functions: what is written comes from `Intl`, which spells nothing out; the words are those of this folder, whose numbers
 * agree with ICU's spell-out rules (`tests/golden/spelled-out.golden.test.ts`).
 */
import { chineseCardinal, chineseOrdinal, chineseYear } from './chinese.ts';
import { englishCardinal, englishOrdinal, englishYear } from './english.ts';
import { frenchCardinal, frenchFeminine, frenchOrdinal } from './french.ts';
import { germanBeforeNoun, germanCardinal, germanOrdinal, germanYear } from './german.ts';
import type { ByKind, Kind, Quantity } from './quantity.ts';

/** `en` as in the United States, but with "and" in numbers; `zh` in simplified characters. */
export type Language = 'en' | 'de' | 'fr' | 'zh';

export const LANGUAGES: readonly Language[] = ['en', 'de', 'fr', 'zh'];

export type SpelledOut = { readonly written: string; readonly words: string };

/**
 * The pair of `quantity` in `language`: `{ written: '6/5/1984', words: 'June fifth nineteen eighty-four' }`.
 *
 * Years are said in pairs where the language does so ("nineteen eighty-four", "neunzehnhundertvierundachtzig", but "two
 * thousand and five"), as cardinals in French and digit by digit in Chinese. Amounts are dollars, euros (German, French) and
 * yuan.
 */
export function spellOut<K extends Kind>(language: Language, quantity: Quantity<K>): SpelledOut {
  const spelling = SPELLINGS[language];
  return { written: sayBy(spelling.written, quantity), words: sayBy(spelling.words, quantity) };
}

function sayBy<K extends Kind>(sayings: ByKind<string>, quantity: Quantity<K>): string {
  return sayings[quantity.kind](quantity);
}

const utc = 'UTC';

/** How `Intl` writes quantities, and `ordinal` what it does not write. */
function written(locale: string, currency: string, ordinal: (value: number) => string): ByKind<string> {
  const dates = new Intl.DateTimeFormat(locale, { timeZone: utc, year: 'numeric', month: 'numeric', day: 'numeric' });
  const times = new Intl.DateTimeFormat(locale, { timeZone: utc, hour: 'numeric', minute: '2-digit' });
  const amounts = new Intl.NumberFormat(locale, { style: 'currency', currency });
  return {
    cardinal: ({ value }) => String(value),
    year: ({ value }) => String(value),
    ordinal: ({ value }) => ordinal(value),
    date: (date) => plain(dates.format(instantOf(date))),
    time: ({ hour, minute }) => plain(times.format(Date.UTC(2000, 0, 1, hour, minute))),
    amount: ({ cents }) => plain(amounts.format(cents / 100)),
  };
}

/** Spaces of all widths as one: they are not the same in all versions of `Intl`. */
function plain(text: string): string {
  return text.replaceAll(/\s/g, ' ');
}

function instantOf({ year, month, day }: Quantity<'date'>): number {
  return Date.UTC(year, month - 1, day);
}

/** Says the units and the hundredths of an amount, of which either may be missing; nothing at all is no units. */
function amountOf(
  { cents }: Quantity<'amount'>,
  say: { readonly units: (count: number) => string; readonly joint: string; readonly cents: (count: number) => string },
): string {
  const [units, rest] = [Math.floor(cents / 100), cents % 100];
  if (rest === 0) return say.units(units);
  return units === 0 ? say.cents(rest) : `${say.units(units)}${say.joint}${say.cents(rest)}`;
}

type Spelling = { readonly written: ByKind<string>; readonly words: ByKind<string> };

function english(): Spelling {
  const suffixes: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
  const rules = new Intl.PluralRules('en', { type: 'ordinal' });
  const months = new Intl.DateTimeFormat('en-US', { timeZone: utc, month: 'long' });
  const counted = (count: number, noun: string): string => `${englishCardinal(count)} ${noun}${count === 1 ? '' : 's'}`;
  return {
    written: written('en-US', 'USD', (value) => `${value}${suffixes[rules.select(value)]}`),
    words: {
      cardinal: ({ value }) => englishCardinal(value),
      ordinal: ({ value }) => englishOrdinal(value),
      year: ({ value }) => englishYear(value),
      date: (date) => `${months.format(instantOf(date))} ${englishOrdinal(date.day)} ${englishYear(date.year)}`,
      time: ({ hour, minute }) => {
        const minutes = minute < 10 ? `oh-${englishCardinal(minute)}` : englishCardinal(minute);
        return `${englishCardinal(hour % 12 || 12)} ${minute === 0 ? '' : `${minutes} `}${hour < 12 ? 'a m' : 'p m'}`;
      },
      amount: (amount) =>
        amountOf(amount, {
          units: (count) => counted(count, 'dollar'),
          joint: ' and ',
          cents: (count) => counted(count, 'cent'),
        }),
    },
  };
}

function german(): Spelling {
  const months = new Intl.DateTimeFormat('de', { timeZone: utc, month: 'long' });
  return {
    written: written('de', 'EUR', (value) => `${value}.`),
    words: {
      cardinal: ({ value }) => germanCardinal(value),
      ordinal: ({ value }) => germanOrdinal(value),
      year: ({ value }) => germanYear(value),
      date: (date) => `${germanOrdinal(date.day)}r ${months.format(instantOf(date))} ${germanYear(date.year)}`,
      time: ({ hour, minute }) => `${germanBeforeNoun(hour)} Uhr${minute === 0 ? '' : ` ${germanCardinal(minute)}`}`,
      amount: (amount) =>
        amountOf(amount, {
          units: (count) => `${germanBeforeNoun(count)} Euro`,
          joint: ' und ',
          cents: (count) => `${germanBeforeNoun(count)} Cent`,
        }),
    },
  };
}

function french(): Spelling {
  const months = new Intl.DateTimeFormat('fr', { timeZone: utc, month: 'long' });
  const counted = (count: number, noun: string): string => `${frenchCardinal(count)} ${noun}${count < 2 ? '' : 's'}`;
  return {
    written: written('fr', 'EUR', (value) => `${value}${value === 1 ? 'er' : 'e'}`),
    words: {
      cardinal: ({ value }) => frenchCardinal(value),
      ordinal: ({ value }) => frenchOrdinal(value),
      year: ({ value }) => frenchCardinal(value),
      date: (date) => {
        const day = date.day === 1 ? 'premier' : frenchCardinal(date.day);
        return `${day} ${months.format(instantOf(date))} ${frenchCardinal(date.year)}`;
      },
      time: ({ hour, minute }) => {
        const minutes = minute === 0 ? '' : ` ${frenchFeminine(minute)}`;
        return `${frenchFeminine(hour)} heure${hour < 2 ? '' : 's'}${minutes}`;
      },
      amount: (amount) =>
        amountOf(amount, {
          units: (count) => counted(count, 'euro'),
          joint: ' et ',
          cents: (count) => counted(count, 'centime'),
        }),
    },
  };
}

function chinese(): Spelling {
  const counted = (count: number): string => chineseCardinal(count, { liang: true });
  return {
    written: written('zh-CN', 'CNY', (value) => `第${value}`),
    words: {
      cardinal: ({ value }) => chineseCardinal(value),
      ordinal: ({ value }) => chineseOrdinal(value),
      year: ({ value }) => chineseYear(value),
      date: ({ year, month, day }) => `${chineseYear(year)}年${chineseCardinal(month)}月${chineseCardinal(day)}日`,
      time: ({ hour, minute }) => {
        const minutes = minute === 0 ? '' : `${minute < 10 ? '零' : ''}${chineseCardinal(minute)}分`;
        return `${counted(hour)}点${minutes}`;
      },
      amount: (amount) => {
        const isBare = amount.cents < 100; // without units, whose tenths are passed over with a zero
        return amountOf(amount, {
          units: (count) => `${counted(count)}元`,
          joint: '',
          cents: (count) => {
            const [tenths, hundredths] = [Math.floor(count / 10), count % 10];
            const first = tenths === 0 ? (isBare ? '' : '零') : `${counted(tenths)}角`;
            return `${first}${hundredths === 0 ? '' : `${counted(hundredths)}分`}`;
          },
        });
      },
    },
  };
}

const SPELLINGS: Readonly<Record<Language, Spelling>> = {
  en: english(),
  de: german(),
  fr: french(),
  zh: chinese(),
};
