/**
 * The probability that CTC gives to a label sequence: the sum over all its paths, blanks anywhere.
 *
 * Reference: Graves, Fernández, Gomez and Schmidhuber, 2006, "Connectionist temporal classification", equations 5-8
 */
import { assertLabels, countRows, logAdd, type LogProbabilityRows } from './log-probabilities.ts';

/**
 * `log p(labels | rows)` of each of `sequences`; `-Infinity` where the labels do not fit into the rows. Without rows only the
 * empty sequence is possible. What sequences begin with in common is computed once.
 */
export function ctcScores(rows: LogProbabilityRows, sequences: readonly (readonly number[])[]): number[] {
  const scorer = new CtcScorer(rows);
  return sequences.map((labels) => scorer.score(labels));
}

/**
 * The score as its definition has it, in logarithms: nothing is ever too small, but each row takes exponentials and
 * logarithms, where `CtcScorer` multiplies.
 */
export function logSpaceCtcScore({ width, data }: LogProbabilityRows, labels: readonly number[]): number {
  const rowCount = data.length / width;
  const at = (row: number, symbol: number) => data[row * width + symbol]!; // rows and symbols are inside
  // After each number of rows, of the paths that have spelled the labels so far: those that end in a blank, and in a label.
  let blanks = new Float64Array(rowCount + 1);
  let ended = new Float64Array(rowCount + 1).fill(Number.NEGATIVE_INFINITY);
  for (let row = 0; row < rowCount; row++) blanks[row + 1] = blanks[row]! + at(row, 0);
  for (const [index, label] of labels.entries()) {
    const nextBlanks = new Float64Array(rowCount + 1).fill(Number.NEGATIVE_INFINITY);
    const nextEnded = new Float64Array(rowCount + 1).fill(Number.NEGATIVE_INFINITY);
    for (let row = 0; row < rowCount; row++) {
      const stayed = nextEnded[row]!;
      let arrived = logAdd(stayed, blanks[row]!);
      if (label !== labels[index - 1]) arrived = logAdd(arrived, ended[row]!);
      nextEnded[row + 1] = arrived + at(row, label);
      nextBlanks[row + 1] = logAdd(nextBlanks[row]!, stayed) + at(row, 0);
    }
    blanks = nextBlanks;
    ended = nextEnded;
  }
  return logAdd(blanks[rowCount]!, ended[rowCount]!);
}

/**
 * Probabilities of the paths that have spelled a prefix and no more, after each number of rows, relative to the
 * likeliest path so far.
 */
type Prefix = {
  readonly last: number;
  /** `[n + 1]`: those that end in a blank. */ readonly blank: Float64Array;
  /** `[n + 1]`: those that end in the last label. */ readonly label: Float64Array;
  readonly extended: Map<number, Prefix>;
};

/** Below this, what was too small for a double on the way may count. */
const LEAST = 1e-280;

/**
 * Scores of many sequences over the same rows. Each prefix is computed once, whichever sequences begin with it, in
 * probabilities relative to the likeliest symbol of each row: these stay in reach of doubles for all but hopeless
 * sequences, which are scored in logarithms.
 */
class CtcScorer {
  readonly #rows: LogProbabilityRows;
  readonly #rowCount: number;
  /** `[n + 1]`: log-probability of the likeliest path after each number of rows. */ readonly #scale: Float64Array;
  /** Probabilities `[n]` of each symbol, relative to the likeliest symbol of each row. */
  readonly #relative = new Map<number, Float64Array>();
  readonly #start: Prefix;

  /** Prepares to score sequences. Throws `search/rows` on rows of no use. */
  constructor(rows: LogProbabilityRows) {
    this.#rows = rows;
    this.#rowCount = countRows(rows);
    this.#scale = scaleOf(rows, this.#rowCount);
    const blanks = this.#relativeTo(0);
    const blank = new Float64Array(this.#rowCount + 1);
    blank[0] = 1;
    for (let row = 0; row < this.#rowCount; row++) blank[row + 1] = blank[row]! * blanks[row]!;
    this.#start = { last: 0, blank, label: new Float64Array(this.#rowCount + 1), extended: new Map() };
  }

  /** `log p(labels | rows)`. Throws `search/label`. */
  score(labels: readonly number[]): number {
    assertLabels('labels', labels, this.#rows.width - 1);
    const { blank, label } = this.#prefixOf(labels);
    const relative = blank[this.#rowCount]! + label[this.#rowCount]!; // the ends of both
    if (!(relative >= LEAST)) return logSpaceCtcScore(this.#rows, labels); // NaN too: a row in which nothing is possible
    return Math.log(relative) + this.#scale[this.#rowCount]!;
  }

  #prefixOf(labels: readonly number[]): Prefix {
    let prefix = this.#start;
    for (const label of labels) prefix = prefix.extended.get(label) ?? this.#extend(prefix, label);
    return prefix;
  }

  /**
   * `alpha` of the label and of the blank after it. A label comes after the blank before it, or directly after the label
   * before it where that is another one.
   */
  #extend(prefix: Prefix, last: number): Prefix {
    const rowCount = this.#rowCount;
    const blank = new Float64Array(rowCount + 1);
    const label = new Float64Array(rowCount + 1);
    const relative = this.#relativeTo(last);
    const blanks = this.#relativeTo(0);
    const mayFollow = last === prefix.last ? 0 : 1;
    let stayed = 0; // label[row]
    let rested = 0; // blank[row]
    for (let row = 0; row < rowCount; row++) {
      // Every index is inside: the columns have one entry more than there are rows.
      const arrived = stayed + prefix.blank[row]! + mayFollow * prefix.label[row]!;
      rested = (rested + stayed) * blanks[row]!;
      stayed = arrived * relative[row]!;
      label[row + 1] = stayed;
      blank[row + 1] = rested;
    }
    const extended = { last, blank, label, extended: new Map() };
    prefix.extended.set(last, extended);
    return extended;
  }

  #relativeTo(symbol: number): Float64Array {
    const known = this.#relative.get(symbol);
    if (known !== undefined) return known;
    const { width, data } = this.#rows;
    const relative = new Float64Array(this.#rowCount);
    for (let row = 0; row < this.#rowCount; row++) {
      const most = this.#scale[row + 1]! - this.#scale[row]!;
      relative[row] = Math.exp(data[row * width + symbol]! - most);
    }
    this.#relative.set(symbol, relative);
    return relative;
  }
}

function scaleOf({ width, data }: LogProbabilityRows, rowCount: number): Float64Array {
  const scale = new Float64Array(rowCount + 1);
  for (let row = 0; row < rowCount; row++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let at = row * width; at < (row + 1) * width; at++) most = Math.max(most, data[at]!);
    scale[row + 1] = scale[row]! + most;
  }
  return scale;
}
