/** From the labels of an utterance to words with times and confidences. */
import { HearkenError } from '../errors.ts';
import { labelShare, nBestPosteriors } from './confidence.ts';
import type { Hypothesis } from './ctc-prefix-beam.ts';
import { alignLabels } from './forced-alignment.ts';
import { countRows, type LogProbabilityRows } from './log-probability-rows.ts';
import type { Word } from './word.ts';
import { segmentWords } from './word-segments.ts';

export type UtteranceWords = {
  /** CTC log-probabilities `[n, L + 1]` of the utterance. */
  readonly rows: LogProbabilityRows;
  /** `[n]`: mean of each vector's log-mel energies before normalisation. */
  readonly energies: ArrayLike<number>;
  /** The labels to place, one a word. */
  readonly labels: readonly number[];
  /** The labels that could have been said, and how each is written, as in `Grammar`. */
  readonly words: ReadonlyMap<number, string>;
  /** What else may have been said, with log-probabilities: the list that `labels` was chosen from. */
  readonly nBest: readonly Hypothesis[];
  /** When the first row's vector begins, seconds from the start of the stream. */
  readonly startSeconds: number;
  readonly secondsPerVector: number;
};

/**
 * The words of an utterance: times in order, disjoint and inside its rows, whatever the model says.
 *
 * Throws `search/not-alignable` if no CTC path of the rows spells `labels`, `search/energies` or `search/unknown-word`.
 */
export function timeWords(utterance: UtteranceWords): Word[] {
  const { rows, energies, labels, startSeconds, secondsPerVector } = utterance;
  const rowCount = countRows(rows);
  if (energies.length !== rowCount) {
    throw new HearkenError('search/energies', `Expected \`energies\` of ${rowCount} rows, got ${energies.length}`);
  }
  if (labels.length === 0) return [];
  const aligned = alignLabels(rows, labels).labels;
  const peaks = aligned.map(({ peak }) => peak);
  const segments = segmentWords({ peaks, energies, secondsPerVector });
  const posteriors = nBestPosteriors(labels, utterance.nBest);
  return aligned.map((label, index) => {
    const { start, end } = segments[index] ?? { start: label.first, end: label.last + 1 };
    return {
      word: wordOf(utterance.words, label.label),
      start: startSeconds + start * secondsPerVector,
      end: startSeconds + end * secondsPerVector,
      confidence: Math.min(posteriors[index] ?? 0, labelShare(rows, label, utterance.words.keys())),
    };
  });
}

/** The row after the last one of the last word, by CTC and energy. Throws as `timeWords` does; at least one label. */
export function findLastWordEnd({
  rows,
  energies,
  labels,
  secondsPerVector,
}: Pick<UtteranceWords, 'rows' | 'energies' | 'labels' | 'secondsPerVector'>): number {
  const peaks = alignLabels(rows, labels).labels.map(({ peak }) => peak);
  return segmentWords({ peaks, energies, secondsPerVector }).at(-1)?.end ?? 0;
}

function wordOf(words: ReadonlyMap<number, string>, label: number): string {
  const word = words.get(label);
  if (word === undefined) {
    const known = [...words.keys()].join(', ');
    throw new HearkenError('search/unknown-word', `Expected labels that \`words\` writes (${known}), got ${label}`);
  }
  return word;
}
