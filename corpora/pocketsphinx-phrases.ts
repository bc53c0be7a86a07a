/** pocketsphinx with its general English model and a JSGF of the phrases that may be said. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HearkenError } from '../src/errors.ts';
import { loadSequenceModel } from '../src/sequence/load-model.ts';
import type { TestItem } from './evaluation-sets.ts';
import { wordsOf } from './open-words.ts';
import { requirePackages } from './packages.ts';
import { runProgram } from './programs.ts';
import { score, type ScoredItem, scoreBySpeaker, type Scores } from './scores.ts';

/** Its scores, where phrases follow each other at the settings of the fewest errors on these very files; or why it could not run. */
export type PhrasePeer =
  | (Scores & {
      readonly name: 'pocketsphinx en-us';
      readonly settings: string;
      readonly speakers: Readonly<Record<string, Scores>>;
    })
  | { readonly name: 'pocketsphinx en-us'; readonly skipped: string };

const MODEL = 'usr/share/pocketsphinx/model/en-us';
/** Probabilities of silence and of another word, where several words follow each other; its own come first. */
const LOOP_SETTINGS: readonly (readonly string[])[] = [
  [],
  ['-silprob', '0.5', '-wip', '0.01'],
  ['-silprob', '0.5', '-wip', '0.0001'],
];

type Asked = { readonly candidates: readonly string[]; readonly packages: string };

export async function recognizePhrases(items: readonly TestItem[], asked: Asked): Promise<PhrasePeer> {
  const name = 'pocketsphinx en-us';
  try {
    const tried = [];
    for (const settings of items.some(({ kind }) => kind === 'connected') ? LOOP_SETTINGS : [[]]) {
      const heard = await hear(items, asked, settings);
      tried.push({ name, settings: settings.join(' '), ...score(heard), speakers: scoreBySpeaker(heard) } as const);
    }
    const errors = ({ isolated, connected }: Scores): number => (isolated?.errors ?? 0) + (connected?.errors ?? 0);
    return tried.toSorted((a, b) => errors(a) - errors(b))[0]!; // there is one
  } catch (error) {
    if (!(error instanceof HearkenError) || !error.code.startsWith('corpora/missing-')) throw error;
    return { name, skipped: error.message };
  }
}

async function hear(
  items: readonly TestItem[],
  { candidates, packages }: Asked,
  settings: readonly string[],
): Promise<ScoredItem[]> {
  await requirePackages(packages, ['pocketsphinx-en-us']);
  const model = join(packages, MODEL);
  const folder = await mkdtemp(join(tmpdir(), 'hearken-pocketsphinx-'));
  try {
    const isLoop = items.some(({ kind }) => kind === 'connected');
    const dictionary = join(folder, 'words.dict');
    await writeFile(dictionary, await dictionaryOf(candidates, join(model, 'cmudict-en-us.dict')));
    const grammar = join(folder, 'phrases.gram');
    const said = `( ${candidates.join(' | ')} )${isLoop ? '+' : ''}`;
    await writeFile(grammar, `#JSGF V1.0;\ngrammar phrases;\npublic <said> = ${said};\n`);
    await writeFile(join(folder, 'control'), items.map((_, index) => `${index}\n`).join(''));
    for (const [index, { samples }] of items.entries()) {
      const bytes = Int16Array.from(samples, (sample) => Math.round(sample * 32_768));
      await writeFile(join(folder, `${index}.raw`), new Uint8Array(bytes.buffer));
    }
    const hypotheses = join(folder, 'hypotheses');
    const knowledge = ['-hmm', join(model, 'en-us'), '-dict', dictionary, '-jsgf', grammar];
    const input = ['-cepdir', folder, '-cepext', '.raw', '-adcin', 'yes', '-ctl', join(folder, 'control')];
    await runProgram('pocketsphinx_batch', [...knowledge, ...input, ...settings, '-hyp', hypotheses]);
    const heard = new Map<number, string>();
    for (const [, words, index] of (await readFile(hypotheses, 'utf8')).matchAll(/^(.*)\((\d+) [^)]*\)$/gm)) {
      heard.set(Number(index), words!.replaceAll(/\(\d+\)/g, '').trim());
    }
    return items.map(({ kind, speaker, labels }, index) => ({
      kind,
      speaker,
      said: wordsOf(kind, labels),
      heard: wordsOf(kind, [heard.get(index) ?? '']),
    }));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Lines of pocketsphinx's own dictionary for the words of `candidates`; letters by their names; what it lacks is spelled by g2p-en. */
async function dictionaryOf(candidates: readonly string[], file: string): Promise<string> {
  const known = new Map<string, string[]>();
  for (const line of (await readFile(file, 'utf8')).split('\n')) {
    const [, word, phones] = /^(\S+?)(?:\(\d+\))? (.+)$/.exec(line) ?? [];
    if (word !== undefined && phones !== undefined) known.set(word, [...(known.get(word) ?? []), phones]);
  }
  const words = [...new Set(candidates.flatMap((phrase) => phrase.split(' ')))].toSorted();
  const isSpelled = words.every((word) => word.length === 1);
  const waysOf = (word: string): readonly string[] => {
    if (isSpelled && word === 'a') return ['EY'];
    if (isSpelled && word === 'z') return ['Z IY', 'Z EH D'];
    return (isSpelled ? known.get(`${word}.`) : undefined) ?? known.get(word) ?? [];
  };
  const lacking = words.filter((word) => waysOf(word).length === 0);
  const spelled = new Map<string, string>();
  if (lacking.length > 0) {
    await using speller = await loadSequenceModel('g2p-en');
    for (const word of lacking) spelled.set(word, (await speller.decode(word))[0]?.text ?? '');
  }
  return words
    .flatMap((word) => {
      const ways = waysOf(word).length > 0 ? waysOf(word) : [spelled.get(word) ?? ''];
      return ways.map((phones, way) => `${word}${way === 0 ? '' : `(${way + 1})`} ${phones}\n`);
    })
    .join('');
}
