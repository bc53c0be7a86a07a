/**
 * Codes that take longer to say than an utterance lasts. Their utterances are cut at gaps, and each part is searched and rescored by itself: it begins where in the
 * grammar the parts before it may have ended. What the code may be is the product of what its parts may be, as far as they fit together.
 */
import type { Hypothesis, PrefixBeamStart, StartedHypothesis } from '../ctc/prefix-beam.ts';
import type { GrammarWalk } from '../grammar/walk.ts';
import type { Word } from '../text/word.ts';
import type { BegunCode, SearchedUtterance } from './utterance-search.ts';

/** What was heard of a code before the utterance under way, as it was rescored. Plain data. */
export type HeardParts = {
  /** Number of the stream's vector with which the code began. */ readonly start: number;
  /** Best first; each with the times and confidences of its words. */ readonly hypotheses: readonly HeardCode[];
};

/** Labels that may have been said, and where: `words` has one for each. */
export type HeardCode = Hypothesis & { readonly words: readonly Word[] };

/** Hypotheses of a code that are kept from part to part, and that are looked at in the end. */
const KEPT = 32;
const CONSIDERED = 128;

/** Where the search of the next part begins: of the hypotheses that reached a state of the walk the likeliest stands for all. */
export function beginningsAfter(
  walk: GrammarWalk,
  { start, hypotheses, starts = [walk.start] }: SearchedUtterance,
  before: BegunCode | undefined,
): BegunCode {
  const beginnings = new Map<number, Hypothesis>();
  for (const { labels, start: from = 0, logProbability } of hypotheses) {
    const reached = walk.follow(labels, starts[from])?.state;
    if (reached === undefined || beginnings.has(reached)) continue; // the best comes first
    const earlier = before?.beginnings[from]?.labels ?? [];
    beginnings.set(reached, { labels: [...earlier, ...labels], logProbability });
  }
  const best = Math.max(...[...beginnings.values()].map(({ logProbability }) => logProbability));
  return {
    start: before?.start ?? start,
    beginnings: Array.from(beginnings.values(), ({ labels, logProbability }) => ({
      labels,
      logProbability: logProbability - best,
    })),
  };
}

/** The starts of the search that goes on with `begun`. */
export function startsOf(walk: GrammarWalk, { beginnings }: BegunCode): PrefixBeamStart[] {
  return beginnings.map(({ labels, logProbability }) => ({ state: walk.follow(labels)!.state, logProbability })); // it was reached
}

/** A part of a code: where it begins in the walk, what it may be, and the words that its labels are. */
type CodePart = {
  readonly start: number;
  readonly starts: readonly number[];
  /** Best first. */ readonly hypotheses: readonly StartedHypothesis[];
  readonly wordsOf: (labels: readonly number[]) => readonly Word[];
};

/** What the code may be with one part more: the likeliest of what fits together, best first. */
export function joinParts(walk: GrammarWalk, before: HeardParts | undefined, part: CodePart): JoinedParts {
  const earlier = before?.hypotheses ?? [{ labels: [], logProbability: 0, words: [] }];
  const reaching = new Map<number, HeardCode[]>();
  for (const hypothesis of earlier) {
    const state = walk.follow(hypothesis.labels)?.state ?? walk.start;
    reaching.set(state, [...(reaching.get(state) ?? []), hypothesis]);
  }
  const joined = part.hypotheses.flatMap((last) =>
    (reaching.get(part.starts[last.start ?? 0]!) ?? []).map((first) => ({
      labels: [...first.labels, ...last.labels],
      logProbability: first.logProbability + last.logProbability,
      first,
      last,
    })),
  );
  const possible = joined.filter(({ logProbability }) => logProbability > Number.NEGATIVE_INFINITY);
  const ranked = possible.toSorted((a, b) => b.logProbability - a.logProbability).slice(0, CONSIDERED);
  const spoken = new Map<string, readonly Word[]>();
  const wordsOf = (labels: readonly number[]): readonly Word[] => {
    const key = labels.join();
    const words = spoken.get(key) ?? part.wordsOf(labels);
    spoken.set(key, words);
    return words;
  };
  const allWordsOf = ({ first, last }: (typeof ranked)[number]): readonly Word[] => [
    ...first.words,
    ...wordsOf(last.labels),
  ];
  const find = (labels: readonly number[]) => ranked.find((each) => areSame(each.labels, labels));
  return {
    start: before?.start ?? part.start,
    hypotheses: ranked,
    wordsOf: (labels) => {
      const one = find(labels);
      return one === undefined ? [] : allWordsOf(one);
    },
    lastOf: (labels) => find(labels)?.last.labels ?? [],
    kept: () => ({
      start: before?.start ?? part.start,
      hypotheses: ranked
        .slice(0, KEPT)
        .map((one) => ({ labels: one.labels, logProbability: one.logProbability, words: allWordsOf(one) })),
    }),
  };
}

export type JoinedParts = {
  /** Number of the stream's vector with which the code began. */ readonly start: number;
  /** The likeliest, best first. */ readonly hypotheses: readonly Hypothesis[];
  /** Words of one of the hypotheses, of all parts. */ readonly wordsOf: (labels: readonly number[]) => readonly Word[];
  /** Labels of the last part in those of one of the hypotheses. */ readonly lastOf: (
    labels: readonly number[],
  ) => readonly number[];
  /** What is kept of it for the next part. */ readonly kept: () => HeardParts;
};

function areSame(labels: readonly number[], others: readonly number[]): boolean {
  return labels.length === others.length && labels.every((label, index) => label === others[index]);
}
