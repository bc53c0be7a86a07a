/**
 * The CMU Pronouncing Dictionary, as the npm package `cmu-pronouncing-dictionary` carries it: American English words with the phones
 * they are said with. Stress, comments and the numbers of alternates are dropped; alternates are joined to their word.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { HearkenError } from '../../src/errors.ts';

import { runProgram } from '../programs.ts';

/** What is installed, and the version that all figures are of. */
export const CMUDICT_PACKAGE = 'cmu-pronouncing-dictionary@3.0.0';

/** Where `npm run data:pronunciations` installs it. */
export const CMUDICT_FOLDER = '.data/cmudict';

export type PronouncedWord = {
  /** In small letters, with apostrophes, hyphens and full stops. */ readonly word: string;
  /** One or more ways to say it, each a list of phones. */ readonly pronunciations: readonly (readonly string[])[];
};

/** Training, `dev` for every choice, `test` for reporting what was chosen. */
export type PronunciationPart = 'train' | 'dev' | 'test';

/** The 39 phones, in alphabetical order. */
export const PHONES: readonly string[] =
  'AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH'.split(' ');

/** What words are written with, in the order of their codes. */
export const LETTERS: readonly string[] = "'-.abcdefghijklmnopqrstuvwxyz".split('');

function entryOf(folder: string): string {
  return join(folder, 'node_modules/cmu-pronouncing-dictionary/index.js');
}

/** Whether the dictionary is installed in `folder`. */
export async function hasCmudict(folder: string = CMUDICT_FOLDER): Promise<boolean> {
  return stat(entryOf(folder)).then(
    () => true,
    () => false,
  );
}

/** Installs the dictionary in `folder`. Throws `corpora/program-failed` where npm cannot. */
export async function installCmudict(folder: string = CMUDICT_FOLDER): Promise<void> {
  await runProgram('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, CMUDICT_PACKAGE]);
}

/** All words in the dictionary's order. Throws `corpora/missing-packages` where it is not installed in `folder`. */
export async function readCmudict(folder: string = CMUDICT_FOLDER): Promise<PronouncedWord[]> {
  if (!(await hasCmudict(folder))) {
    throw new HearkenError(
      'corpora/missing-packages',
      `Expected the CMU Pronouncing Dictionary in ${folder}: run \`npm run data:pronunciations\` in a checkout of hearken`,
    );
  }
  const module = await readFile(entryOf(folder), 'utf8'); // `export const dictionary = {` and lines of JSON
  const written = module.slice(module.indexOf('= {') + 2, module.lastIndexOf('}') + 1);
  const dictionary = JSON.parse(written) as Record<string, string>; // as the package's index.d.ts says
  return cleanWords(Object.entries(dictionary));
}

/** Words of entries such as `["abbe(2)", "AE0 B EY1 # foreign"]`: an alternate that differs in stress alone is none. */
export function cleanWords(entries: Iterable<readonly [string, string]>): PronouncedWord[] {
  const words = new Map<string, Map<string, readonly string[]>>();
  for (const [key, value] of entries) {
    const word = key.replace(/\(\d+\)$/, '');
    const phones = phonesIn(value);
    const known = words.get(word) ?? new Map<string, readonly string[]>();
    if (phones.length > 0 && !known.has(phones.join(' '))) known.set(phones.join(' '), phones);
    words.set(word, known);
  }
  return [...words].map(([word, known]) => ({ word, pronunciations: [...known.values()] }));
}

function phonesIn(value: string): string[] {
  const said = value.replace(/#.*$/, '').replaceAll(/\d/g, '');
  return said.split(/\s+/).filter((phone) => phone !== '');
}

/**
 * The words of `part`, split as `cmusphinx/g2p-seq2seq` does: of word i of the cleaned dictionary, i from 0, i mod 20 decides: 19 is
 * `dev`, 17 and 18 are `test`.
 */
export function partOf(words: readonly PronouncedWord[], part: PronunciationPart): PronouncedWord[] {
  return words.filter((_, index) => partAt(index) === part);
}

function partAt(index: number): PronunciationPart {
  const place = index % 20;
  if (place === 19) return 'dev';
  return place === 17 || place === 18 ? 'test' : 'train';
}
