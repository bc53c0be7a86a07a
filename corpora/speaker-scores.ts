/** Errors by speaker, and clips that are misheard wherever they stand: a mean over all words hides one speaker's one clip. */
import { type EditCosts, fillEditRow, fillLastEditRow } from '../src/text/edit-distance.ts';
import { countErrors, errorsIn } from '../src/text/error-rate.ts';
import type { ScoredItem } from './scores.ts';

/** Words wrong of words said. */
export type Share = { readonly errors: number; readonly total: number };

export type SpeakerScore = Share & {
  readonly name: string;
  /** Digits, by themselves and in strings; absent where the speaker says none. */ readonly digits?: Share;
  readonly letters?: Share;
};

/** A share of words, 0..1, of each kind that somebody says. */
export type Shares = { readonly digits?: number; readonly letters?: number };

export type SpeakerReport = {
  readonly perSpeaker: readonly SpeakerScore[];
  /** Of the speakers' shares of wrong words the middle one, or the mean of the middle two. */ readonly median: Shares;
  readonly worst: Shares;
  /** Words of a speaker that stand in several places and are misheard in more than a tenth of them, the worst first. */
  readonly misheard: readonly MisheardWord[];
};

/** A speaker's word, of which there is one recording: by itself, and in strings that were made of such. */
export type MisheardWord = Share & { readonly name: string; readonly word: string };

const MISHEARD_SHARE = 0.1;
const EQUAL_COSTS: EditCosts = { substitution: 1, gap: 1 };

/** Of items that are digits or letters: a word of one letter is a letter. */
export function reportSpeakers(items: readonly ScoredItem[]): SpeakerReport {
  const perSpeaker = [...groupBy(items, ({ speaker }) => speaker)].map(([name, own]) => scoreSpeaker(name, own));
  return {
    perSpeaker,
    median: ofSpeakers(perSpeaker, medianOf),
    worst: ofSpeakers(perSpeaker, (shares) => Math.max(...shares)),
    misheard: misheardWords(items),
  };
}

function scoreSpeaker(name: string, items: readonly ScoredItem[]): SpeakerScore {
  const letters = items.filter(({ said }) => said.every((word) => /^[a-z]$/.test(word)));
  const isLetters = new Set(letters);
  const digits = items.filter((item) => !isLetters.has(item));
  return {
    name,
    ...(digits.length > 0 && { digits: shareOf(digits) }),
    ...(letters.length > 0 && { letters: shareOf(letters) }),
    ...shareOf(items),
  };
}

/** Of a word by itself there is at most one error: right or wrong. */
function shareOf(items: readonly ScoredItem[]): Share {
  const counts = items.map(({ kind, said, heard }) => {
    const errors = errorsIn(countErrors(said, heard));
    return kind === 'isolated' ? Math.min(errors, 1) : errors;
  });
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
  return { errors: sum(counts), total: sum(items.map(({ said }) => said.length)) };
}

function ofSpeakers(speakers: readonly SpeakerScore[], choose: (shares: readonly number[]) => number): Shares {
  const shares = (kind: 'digits' | 'letters'): number[] =>
    speakers.flatMap((speaker) => {
      const share = speaker[kind];
      return share === undefined ? [] : [share.errors / share.total];
    });
  const [digits, letters] = [shares('digits'), shares('letters')];
  return {
    ...(digits.length > 0 && { digits: choose(digits) }),
    ...(letters.length > 0 && { letters: choose(letters) }),
  };
}

function medianOf(shares: readonly number[]): number {
  const sorted = shares.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)]!, sorted[Math.ceil((sorted.length - 1) / 2)]!];
  return (low + high) / 2;
}

function misheardWords(items: readonly ScoredItem[]): MisheardWord[] {
  const places = items.flatMap(({ speaker, said, heard }) =>
    rightWords(said, heard).map((isRight, place) => ({ name: speaker, word: said[place]!, isRight })),
  );
  const words = [...groupBy(places, ({ name, word }) => JSON.stringify([name, word])).values()];
  return words
    .map((own) => {
      const { name, word } = own[0]!; // a group has one at least
      return { name, word, errors: own.filter(({ isRight }) => !isRight).length, total: own.length };
    })
    .filter(({ errors, total }) => total > 1 && errors > MISHEARD_SHARE * total)
    .toSorted((a, b) => b.errors / b.total - a.errors / a.total);
}

/** Whether each word that was said stands in what was heard, by an alignment with the fewest errors. */
export function rightWords(said: readonly string[], heard: readonly string[]): boolean[] {
  const rows = [new Float64Array(heard.length + 1)];
  fillLastEditRow(rows[0]!, EQUAL_COSTS);
  for (const symbol of said.toReversed()) {
    const row = new Float64Array(heard.length + 1);
    fillEditRow(row, { symbol, others: heard, below: rows[0]! }, EQUAL_COSTS);
    rows.unshift(row);
  }
  let place = 0;
  return said.map((word, index) => {
    const [row, below] = [rows[index]!, rows[index + 1]!];
    while (row[place] === row[place + 1]! + EQUAL_COSTS.gap) place += 1; // a word that nobody said
    const isPaired = row[place] !== below[place]! + EQUAL_COSTS.gap;
    const isRight = isPaired && heard[place] === word;
    if (isPaired) place += 1;
    return isRight;
  });
}

function groupBy<Each>(all: readonly Each[], keyOf: (each: Each) => string): Map<string, Each[]> {
  const groups = new Map<string, Each[]>();
  for (const each of all) {
    const group = groups.get(keyOf(each));
    if (group === undefined) groups.set(keyOf(each), [each]);
    else group.push(each);
  }
  return groups;
}
