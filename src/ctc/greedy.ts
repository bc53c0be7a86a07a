/**
 * Best-path decoding: the most likely symbol of every row, repeats merged, blanks removed. Fast, and what training
 * reports; the prefix beam finds likelier labels where several paths spell the same ones.
 *
 * Reference: Graves, Fernández, Gomez and Schmidhuber, 2006, "Connectionist temporal classification", section 3.2
 */
import { allowedLabels, countRows, type LogProbabilityRows } from './log-probabilities.ts';

export type GreedyPath = {
  readonly labels: readonly number[];
  /** First row that emits it, for each label. */
  readonly rows: readonly number[];
  /** Log-probability of the single best path. */
  readonly logProbability: number;
};

/** Decodes `rows`; only the blank and the ids in `allowed` (all, if left out) are looked at. */
export function decodeGreedily(rows: LogProbabilityRows, allowed?: readonly number[]): GreedyPath {
  const rowCount = countRows(rows);
  const candidates = allowedLabels(rows.width - 1, allowed);
  const labels: number[] = [];
  const firstRows: number[] = [];
  let logProbability = 0;
  let previous = 0;
  for (let row = 0; row < rowCount; row++) {
    const at = (symbol: number) => rows.data[row * rows.width + symbol]!;
    let best = 0;
    for (const label of candidates) if (at(label) > at(best)) best = label;
    logProbability += at(best);
    if (best !== 0 && best !== previous) {
      labels.push(best);
      firstRows.push(row);
    }
    previous = best;
  }
  return { labels, rows: firstRows, logProbability };
}
