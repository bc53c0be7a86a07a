/**
 * The probability that CTC gives to a label sequence: the sum over all its paths, blanks anywhere.
 *
 * Reference: Graves, Fernández, Gomez and Schmidhuber, 2006, "Connectionist temporal classification", equations 5-8
 */
import { extendWithBlanks, maySkipBlank } from './ctc-states.ts';
import { logAdd } from './log-add.ts';
import { assertLabels, countRows, type LogProbabilityRows } from './log-probability-rows.ts';

/**
 * `log p(labels | rows)`; `-Infinity` where the labels do not fit into the rows. Without rows only the empty sequence
 * is possible.
 */
export function ctcScore(rows: LogProbabilityRows, labels: ArrayLike<number>): number {
  const rowCount = countRows(rows);
  assertLabels('labels', labels, rows.width - 1);
  // `forward` is alpha of one row. Before the first row all mass is in the leading blank: from there the first row
  // reaches that blank or the first label, as it should.
  const symbols = extendWithBlanks(labels);
  let forward = new Float64Array(symbols.length).fill(Number.NEGATIVE_INFINITY);
  forward[0] = 0;
  for (let row = 0; row < rowCount; row++) {
    const next = new Float64Array(symbols.length);
    for (let state = 0; state < symbols.length; state++) {
      let mass = forward[state] ?? Number.NEGATIVE_INFINITY;
      if (state >= 1) mass = logAdd(mass, forward[state - 1] ?? Number.NEGATIVE_INFINITY);
      if (maySkipBlank(symbols, state)) mass = logAdd(mass, forward[state - 2] ?? Number.NEGATIVE_INFINITY);
      next[state] = mass + (rows.data[row * rows.width + (symbols[state] ?? 0)] ?? Number.NEGATIVE_INFINITY);
    }
    forward = next;
  }
  const last = forward[symbols.length - 1] ?? Number.NEGATIVE_INFINITY;
  return labels.length === 0 ? last : logAdd(last, forward[symbols.length - 2] ?? Number.NEGATIVE_INFINITY);
}
