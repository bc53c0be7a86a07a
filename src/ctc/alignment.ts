/**
 * Where each label of a known sequence was emitted: the single best CTC path that spells it (Viterbi).
 *
 * Reference: Kürzinger et al., 2020, "CTC-segmentation of large corpora", https://arxiv.org/abs/2007.09127, section 2
 */
import { HearkenError } from '../errors.ts';
import { extendWithBlanks, maySkipBlank } from './states.ts';
import { assertLabels, countRows, type LogProbabilityRows } from './log-probabilities.ts';

/** The rows in which one label was emitted. */
export type AlignedLabel = {
  readonly label: number;
  /** First and last row in which the path is in this label. */
  readonly first: number;
  readonly last: number;
  /** The row of the two where the label is likeliest; the earlier of equals. */
  readonly peak: number;
  /** Probability of the label in that row, 0 to 1. */
  readonly peakProbability: number;
};

export type CtcAlignment = {
  readonly labels: readonly AlignedLabel[];
  /** Log-probability of the path. */
  readonly logProbability: number;
};

/** Aligns `labels` with `rows`. Throws `search/not-alignable` if no path of these rows spells them. */
export function alignLabels(rows: LogProbabilityRows, labels: ArrayLike<number>): CtcAlignment {
  const rowCount = countRows(rows);
  assertLabels('labels', labels, rows.width - 1);
  const symbols = extendWithBlanks(labels);
  const { best, origins } = findBestPaths(rows, rowCount, symbols);
  const end = bestEnd(best);
  const logProbability = best[end]!;
  if (logProbability === Number.NEGATIVE_INFINITY) {
    throw new HearkenError(
      'search/not-alignable',
      `Expected \`labels\` that a path of ${rowCount} rows can spell, got [${Array.from(labels).join(', ')}]`,
    );
  }
  const { first, last } = traceBack(origins, symbols.length, rowCount, end);
  const aligned = Array.from(labels, (label, index) => describe(rows, label, first[index]!, last[index]!));
  return { labels: aligned, logProbability };
}

/**
 * Viterbi over the states of `symbols`: the best score per state after the last row, and for every row where it came from.
 * A state takes over from itself or from at most two states before, so that one array is enough, filled from its end.
 */
function findBestPaths({ width, data }: LogProbabilityRows, rowCount: number, symbols: Int32Array) {
  const stateCount = symbols.length;
  // As in `ctcScores`, all paths begin in the leading blank before the first row.
  const best = new Float64Array(stateCount).fill(Number.NEGATIVE_INFINITY);
  best[0] = 0;
  const maySkip = Uint8Array.from({ length: stateCount }, (_, state) => Number(maySkipBlank(symbols, state)));
  const origins = new Uint8Array(rowCount * stateCount); // How many states each path came forward: 0, 1 or 2.
  for (let row = 0; row < rowCount; row++) {
    const reached = Math.min(stateCount - 1, 2 * row + 1); // two states further with every row
    for (let state = reached; state > 0; state--) {
      let score = best[state]!; // every index is inside, here and below
      let forward = 0;
      if (best[state - 1]! > score) {
        score = best[state - 1]!;
        forward = 1;
      }
      if (maySkip[state] === 1 && best[state - 2]! > score) {
        score = best[state - 2]!;
        forward = 2;
      }
      best[state] = score + data[row * width + symbols[state]!]!;
      origins[row * stateCount + state] = forward;
    }
    best[0] = best[0] + data[row * width]!;
  }
  return { best, origins };
}

/** A path ends in the last label or in the blank after it. */
function bestEnd(best: Float64Array): number {
  const blank = best.length - 1;
  return blank > 0 && best[blank - 1]! > best[blank]! ? blank - 1 : blank;
}

/** The first and the last row in which the best path is in each label. */
function traceBack(origins: Uint8Array, stateCount: number, rowCount: number, end: number) {
  const first = new Int32Array((stateCount - 1) / 2);
  const last = new Int32Array(first.length).fill(-1);
  let state = end;
  for (let row = rowCount - 1; row >= 0; row--) {
    if (state % 2 === 1) {
      const label = (state - 1) / 2;
      first[label] = row;
      if (last[label] === -1) last[label] = row;
    }
    state -= origins[row * stateCount + state]!;
  }
  return { first, last };
}

function describe({ width, data }: LogProbabilityRows, label: number, first: number, last: number): AlignedLabel {
  const at = (row: number) => data[row * width + label]!; // labels are less than the width
  let peak = first;
  for (let row = first + 1; row <= last; row++) if (at(row) > at(peak)) peak = row;
  return { label, first, last, peak, peakProbability: Math.min(1, Math.exp(at(peak))) };
}
