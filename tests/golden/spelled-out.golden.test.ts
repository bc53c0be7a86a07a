import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { chineseCardinal, chineseOrdinal, chineseYear } from '../../corpora/spelled-out/chinese.ts';
import { englishCardinal, englishOrdinal, englishYear } from '../../corpora/spelled-out/english.ts';
import { frenchCardinal, frenchFeminine, frenchOrdinal } from '../../corpora/spelled-out/french.ts';
import { germanBeforeNoun, germanCardinal, germanOrdinal, germanYear } from '../../corpora/spelled-out/german.ts';

/** Words by number, for each of the script's rules. */
type Golden = { readonly icu: string; readonly words: Readonly<Record<string, Readonly<Record<string, string>>>> };

/** Debian's own Python: the one that has its package `python3-icu`. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('spelled-out/spelled-out.py', import.meta.url));

const OURS: Readonly<Record<string, (n: number) => string>> = {
  'en cardinal': (n) => englishCardinal(n),
  'en cardinal without and': (n) => englishCardinal(n, { and: false }),
  'en ordinal': (n) => englishOrdinal(n),
  'en year without and': (n) => englishYear(n, { and: false }),
  'de cardinal': germanCardinal,
  'de before a noun': germanBeforeNoun,
  'de ordinal': germanOrdinal,
  'de year': germanYear,
  'fr cardinal': frenchCardinal,
  'fr feminine': frenchFeminine,
  'fr ordinal': frenchOrdinal,
  'zh cardinal': (n) => chineseCardinal(n),
  'zh with liang': (n) => chineseCardinal(n, { liang: true }),
  'zh ordinal': chineseOrdinal,
  'zh year': chineseYear,
};

/** ICU 72's words with what grammar has otherwise, as the sources of `corpora/spelled-out` say. */
function corrected(name: string, words: string): string {
  const zero = name === 'zh ordinal' ? '〇' : '零';
  return words
    .replaceAll(/(quatre-vingt|(?<=\S )cent)(?= (million|milliard))/g, '$1s')
    .replace(/(?<=cent|mille)-et-(?=unième|onzième)/, ' ')
    .replace(/(?<=quatre-vingt)-et-(?=unième|onzième)/, '-')
    .replace(/亿(?![零〇])(?=[^千]*万)/, `亿${zero}`) // the thousands of 万 are missing, which a zero tells
    .replace(/(?<=亿[零〇])十/, '一十');
}

/** Lines that tell where our words are not ICU's, corrected. */
function differences({ words }: Golden): string[] {
  return Object.entries(words).flatMap(([name, byNumber]) =>
    Object.entries(byNumber).flatMap(([number, said]) => {
      const [ours, theirs] = [OURS[name]?.(Number(number)), corrected(name, said)];
      return ours === theirs ? [] : [`${name} ${number}: ${ours}, ICU ${theirs}`];
    }),
  );
}

describe('numbers are spelled out as by ICU', () => {
  test('where it gets difficult', () => {
    const text = readFileSync(new URL('spelled-out/spelled-out.json', import.meta.url), 'utf8');
    const golden = JSON.parse(text) as Golden; // what the script prints
    expect(Object.keys(golden.words).toSorted()).toEqual(Object.keys(OURS).toSorted());
    expect(differences(golden)).toEqual([]);
  });

  test('in thousands of random numbers', ({ skip }) => {
    skip(spawnSync(PYTHON, ['-c', 'import icu']).status !== 0, "Debian's package python3-icu is not installed");
    const output = execFileSync(PYTHON, [SCRIPT, '1', '4000'], { encoding: 'utf8', maxBuffer: 1 << 26 });
    expect(differences(JSON.parse(output) as Golden)).toEqual([]); // as above
  });
});
