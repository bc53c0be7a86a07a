/**
 * Decoding where only one of a few things can have been said: an isolated word, a command, an entry of a list. Every
 * candidate is scored over all its paths, so unlike a beam nothing is lost, and nothing else can be answered.
 */
import { logSum, type LogProbabilityRows } from '../ctc/log-probabilities.ts';
import { ctcScores } from '../ctc/score.ts';

type RankedCandidate = {
  /** Index of the label sequence in the list of candidates. */
  readonly index: number;
  readonly labels: readonly number[];
  readonly logProbability: number;
  /** Probability that it is this one of the candidates, 0 to 1; equal for all where none is possible. */
  readonly posterior: number;
};

/** Ranks label sequences, the likeliest first; among equals the earlier in the list comes first. */
export function rankCandidates(
  rows: LogProbabilityRows,
  candidates: readonly (readonly number[])[],
): RankedCandidate[] {
  const scores = ctcScores(rows, candidates);
  const total = logSum(scores);
  return candidates
    .map((labels, index) => {
      const logProbability = scores[index]!;
      const isPossible = total > Number.NEGATIVE_INFINITY;
      const posterior = isPossible ? Math.exp(logProbability - total) : 1 / candidates.length;
      return { index, labels, logProbability, posterior };
    })
    .toSorted((a, b) =>
      a.logProbability === b.logProbability ? a.index - b.index : b.logProbability - a.logProbability,
    );
}

/**
 * Ranks the words of a grammar of which exactly one was said, best first; `allowed` holds their label ids, ascending.
 */
export function rankSingleWords(rows: LogProbabilityRows, allowed: readonly number[]): RankedCandidate[] {
  return rankCandidates(
    rows,
    allowed.map((label) => [label]),
  );
}
