/**
 * The probability that CTC gives to a label sequence: the sum over all its paths, blanks anywhere.
 *
 * Reference: Graves, Fernández, Gomez and Schmidhuber, 2006, "Connectionist temporal classification", equations 5-8
 */
import { logAdd } from './log-probabilities.ts';
import { assertLabels, countRows, type LogProbabilityRows } from './log-probabilities.ts';

/**
 * `log p(labels | rows)`; `-Infinity` where the labels do not fit into the rows. Without rows only the empty sequence
 * is possible.
 */
export function ctcScore(rows: LogProbabilityRows, labels: readonly number[]): number {
  return ctcScores(rows, [labels])[0] as number; // one for the one sequence
}

/** `ctcScore` of each of `sequences`; what they begin with in common is computed once. */
export function ctcScores(rows: LogProbabilityRows, sequences: readonly (readonly number[])[]): number[] {
  const rowCount = countRows(rows);
  for (const labels of sequences) assertLabels('labels', labels, rows.width - 1);
  const start = startOf(rows, rowCount);
  return sequences.map((labels) => {
    let prefix = start;
    for (const label of labels) prefix = prefix.extended.get(label) ?? extend(rows, rowCount, prefix, label);
    return logAdd(prefix.blank[rowCount] as number, prefix.label[rowCount] as number); // the end of each column
  });
}

/** The log-probabilities, after each number of rows, of the paths that have spelled a prefix and no more. */
type Prefix = {
  readonly last: number;
  /** `[n + 1]`: those that end in a blank. */ readonly blank: Float64Array;
  /** `[n + 1]`: those that end in the last label. */ readonly label: Float64Array;
  readonly extended: Map<number, Prefix>;
};

/** The empty prefix: nothing but blanks; before the first row it is certain. */
function startOf({ width, data }: LogProbabilityRows, rowCount: number): Prefix {
  const blank = new Float64Array(rowCount + 1);
  for (let row = 0; row < rowCount; row++) blank[row + 1] = (blank[row] as number) + (data[row * width] as number);
  return { last: 0, blank, label: new Float64Array(rowCount + 1).fill(Number.NEGATIVE_INFINITY), extended: new Map() };
}

/**
 * `alpha` of the label and of the blank after it. A label comes after the blank before it, or directly after the label
 * before it where that is another one.
 */
function extend({ width, data }: LogProbabilityRows, rowCount: number, prefix: Prefix, last: number): Prefix {
  const blank = new Float64Array(rowCount + 1).fill(Number.NEGATIVE_INFINITY);
  const label = new Float64Array(rowCount + 1).fill(Number.NEGATIVE_INFINITY);
  const mayFollow = last !== prefix.last;
  for (let row = 0; row < rowCount; row++) {
    // Every index is inside: the columns have one entry more than there are rows.
    const stayed = label[row] as number;
    let arrived = logAdd(stayed, prefix.blank[row] as number);
    if (mayFollow) arrived = logAdd(arrived, prefix.label[row] as number);
    label[row + 1] = arrived + (data[row * width + last] as number);
    blank[row + 1] = logAdd(blank[row] as number, stayed) + (data[row * width] as number);
  }
  const extended = { last, blank, label, extended: new Map() };
  prefix.extended.set(last, extended);
  return extended;
}
