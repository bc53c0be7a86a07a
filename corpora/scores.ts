import {
  bootstrapInterval,
  countErrors,
  type ErrorCounts,
  errorsIn,
  type Interval,
  sumErrors,
  wilsonInterval,
  wordErrorRate,
} from '../src/text/error-rate.ts';

import { matchedIndices } from '../src/text/edit-distance.ts';
import type { Judged } from './calibration.ts';
import type { TestItem } from './evaluation-sets.ts';

/** An item with what was said and what was heard, in words. */
export type ScoredItem = Pick<TestItem, 'kind' | 'speaker'> & {
  readonly said: readonly string[];
  readonly heard: readonly string[];
  /** How sure of each word of `heard` the recognizer was, 0 to 1; absent where it does not say. */
  readonly confidences?: readonly number[];
};

/** Words said by themselves, each right or wrong. */
export type IsolatedScore = {
  readonly errors: number;
  readonly total: number;
  /** Wilson's interval of `errors / total`. */
  readonly ci95: Interval;
};

/** Strings of words. */
export type ConnectedScore = {
  /** `errors / total`: 0.01 is 1 %. */
  readonly wer: number;
  readonly errors: number;
  /** Words said. */
  readonly total: number;
  readonly substitutions: number;
  readonly insertions: number;
  readonly deletions: number;
  /** Bootstrap over strings. */
  readonly ci95: Interval;
};

export type Scores = { readonly isolated?: IsolatedScore; readonly connected?: ConnectedScore };

/** How often `heard` was answered where `said` was said by itself; `heard` is empty where nothing was recognized. */
export type Confusion = { readonly said: string; readonly heard: string; readonly count: number };

const BOOTSTRAP_SEED = 1;

export function score(items: readonly ScoredItem[]): Scores {
  const isolated = items.filter((item) => item.kind === 'isolated');
  const connected = items.filter((item) => item.kind === 'connected');
  return {
    ...(isolated.length > 0 && { isolated: scoreIsolated(isolated) }),
    ...(connected.length > 0 && { connected: scoreConnected(connected) }),
  };
}

/** Scores of each speaker by himself. */
export function scoreBySpeaker(items: readonly ScoredItem[]): Record<string, Scores> {
  const speakers = [...new Set(items.map((item) => item.speaker))];
  return Object.fromEntries(
    speakers.map((speaker) => [speaker, score(items.filter((item) => item.speaker === speaker))]),
  );
}

/** Wrong answers to isolated words, the most frequent first. */
export function confusions(items: readonly ScoredItem[]): Confusion[] {
  const counts = new Map<string, Confusion>();
  for (const { kind, said, heard } of items) {
    if (kind === 'isolated' && isWrong(said, heard)) {
      const pair = { said: said.join(' '), heard: heard.join(' ') };
      const key = JSON.stringify(pair);
      counts.set(key, { ...pair, count: (counts.get(key)?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()].toSorted((a, b) => b.count - a.count || a.said.localeCompare(b.said));
}

function scoreIsolated(items: readonly ScoredItem[]): IsolatedScore {
  const errors = items.filter(({ said, heard }) => isWrong(said, heard)).length;
  return { errors, total: items.length, ci95: wilsonInterval(errors, items.length) };
}

function scoreConnected(items: readonly ScoredItem[]): ConnectedScore {
  const counts: ErrorCounts[] = items.map(({ said, heard }) => countErrors(said, heard));
  const { substitutions, insertions, deletions, words } = sumErrors(counts);
  const sum = { substitutions, insertions, deletions, words };
  return {
    wer: wordErrorRate(sum),
    errors: errorsIn(sum),
    total: words,
    substitutions,
    insertions,
    deletions,
    ci95: bootstrapInterval(counts, { seed: BOOTSTRAP_SEED }),
  };
}

/** Whether something else was heard than what was said. */
export function isWrong(said: readonly string[], heard: readonly string[]): boolean {
  return errorsIn(countErrors(said, heard)) > 0;
}

/** Each word that was heard, of recognizers that say how sure they are. */
export function judge(items: readonly ScoredItem[]): Judged[] {
  return items.flatMap(({ said, heard, confidences = [] }) => {
    const right = new Set(matchedIndices(heard, said));
    return confidences.map((confidence, index) => ({ confidence, isRight: right.has(index) }));
  });
}
