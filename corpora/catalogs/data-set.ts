/** Pairs for training, and pairs of other programs to choose (dev) and to report (test) by, which were not nearly seen in training. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { HearkenError } from '../../src/errors.ts';
import { Random } from '../../src/tensor/random.ts';
import { areTheirLanguages, learnLanguages } from './language.ts';
import type { Message } from './message-file.ts';
import { nearDuplicates } from './near-duplicates.ts';
import { type Pair, pairsOf, type Refusal } from './pairs.ts';

export type Part = 'train' | 'dev' | 'test';

/** All messages of one package. */
export type Catalog = { readonly name: string; readonly role: Part; readonly messages: readonly Message[] };

/** What became of the messages. */
export type DataSetReport = {
  readonly messages: number;
  /** Paragraphs that were left out, by reason; `language` is what is not in its language. */
  readonly leftOut: Readonly<Partial<Record<Refusal | 'language', number>>>;
  /** Distinct pairs of training. */
  readonly train: number;
  /** Words of their sources. */
  readonly trainWords: number;
  readonly dev: HeldOutReport;
  readonly test: HeldOutReport;
};

export type HeldOutReport = {
  /** Distinct pairs of its packages whose source is of 4 to 40 words. */
  readonly candidates: number;
  /** Of these, near-duplicates of a text of training or, of dev, of a text of test. */
  readonly nearDuplicates: number;
  /** What was drawn of the rest. */
  readonly pairs: number;
};

export type DataSet = { readonly [Name in Part]: readonly Pair[] } & { readonly report: DataSetReport };

/** A held-out text must not have so large a share of its groups of letters in common with one text of training. */
export const NEAR_DUPLICATE_SHARE = 0.6;
const HELD_OUT_WORDS = { fewest: 4, most: 40 };
const HELD_OUT_PAIRS = 2_000;

/** Cleans, divides and draws: a pure function of the catalogues. */
export function makeDataSet(catalogs: readonly Catalog[]): DataSet {
  const leftOut: Partial<Record<Refusal | 'language', number>> = {};
  const leaveOut = (reason: Refusal | 'language') => {
    leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  };
  const pairs = catalogs.flatMap(({ role, messages }) =>
    messages.flatMap(pairsOf).flatMap((pair) => {
      if (typeof pair === 'object') return [{ role, pair }];
      leaveOut(pair);
      return [];
    }),
  );
  const odds = learnLanguages(pairs.map(({ pair }) => pair));
  const inTheirLanguages = pairs.filter(({ pair }) => {
    const isRight = areTheirLanguages(pair, odds);
    if (!isRight) leaveOut('language');
    return isRight;
  });
  const of = (part: Part) => distinct(inTheirLanguages.filter(({ role }) => role === part).map(({ pair }) => pair));
  const train = of('train');
  const test = candidatesOf(of('test'));
  const dev = candidatesOf(of('dev'));
  const seen = seenIn([...test, ...dev], train);
  const [unseenTest, unseenDev] = [test, dev].map((all) => all.filter((pair) => !seen.has(pair)));
  const seenInTest = seenIn(unseenDev!, unseenTest!);
  const drawnTest = shuffled(unseenTest!).slice(0, HELD_OUT_PAIRS);
  const unlikeTest = unseenDev!.filter((pair) => !seenInTest.has(pair));
  const drawnDev = shuffled(unlikeTest).slice(0, HELD_OUT_PAIRS);
  const messages = catalogs.reduce((total, catalog) => total + catalog.messages.length, 0);
  const trainWords = train.reduce((total, { source }) => total + wordCount(source), 0);
  const heldOut = (candidates: readonly Pair[], unseen: readonly Pair[], drawn: readonly Pair[]) => ({
    candidates: candidates.length,
    nearDuplicates: candidates.length - unseen.length,
    pairs: drawn.length,
  });
  const report: DataSetReport = {
    messages,
    leftOut,
    train: train.length,
    trainWords,
    dev: heldOut(dev, unlikeTest, drawnDev),
    test: heldOut(test, unseenTest!, drawnTest),
  };
  return { train, dev: drawnDev, test: drawnTest, report };
}

function candidatesOf(pairs: readonly Pair[]): Pair[] {
  const { fewest, most } = HELD_OUT_WORDS;
  return pairs.filter(({ source }) => wordCount(source) >= fewest && wordCount(source) <= most);
}

/** Those of `pairs` of which either side was nearly seen in one of `others`. */
function seenIn(pairs: readonly Pair[], others: readonly Pair[]): Set<Pair> {
  const found = (['source', 'target'] as const).flatMap((side) => {
    const theirs = new Set(others.map((pair) => pair[side]));
    const near = nearDuplicates(
      pairs.map((pair) => pair[side]),
      theirs,
      { share: NEAR_DUPLICATE_SHARE },
    );
    return [...near];
  });
  return new Set(found.map((index) => pairs[index]!));
}

/** The same for the same pairs. */
function shuffled(pairs: readonly Pair[]): Pair[] {
  const random = Random.seeded(14);
  const keyed = pairs.map((pair) => ({ pair, key: random.uniform() }));
  return keyed.toSorted((a, b) => a.key - b.key).map(({ pair }) => pair);
}

function distinct(pairs: readonly Pair[]): Pair[] {
  return [...new Map(pairs.map((pair) => [`${pair.source}\t${pair.target}`, pair])).values()];
}

function wordCount(text: string): number {
  return text.split(' ').length;
}

/** Writes the parts as lines of source, tab, target, and `report.json`. */
export async function writeDataSet(folder: string, { report, ...parts }: DataSet, packages: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const part of ['train', 'dev', 'test'] as const) {
    const lines = parts[part].map(({ source, target }) => `${source}\t${target}\n`);
    await writeFile(join(folder, `${part}.tsv`), lines.join(''));
  }
  await writeFile(join(folder, 'report.json'), `${JSON.stringify({ ...report, packages }, null, 2)}\n`);
}

/** The pairs of one part. Throws `corpora/missing-catalogs` where they have not been made. */
export async function readPart(folder: string, part: Part): Promise<Pair[]> {
  const text = await readFile(join(folder, `${part}.tsv`), 'utf8').catch((cause: unknown) => {
    throw new HearkenError(
      'corpora/missing-catalogs',
      `Expected pairs to translate in ${folder}: run \`npm run data:catalogs\` in a checkout of hearken`,
      { cause },
    );
  });
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [source = '', target = ''] = line.split('\t');
      return { source, target };
    });
}
