/**
 * The recursion of the Levenshtein distance, a row at a time, from the ends of both sequences to their starts: entry j of row i
 * is what it costs at least to turn `sequence[i..]` into `others[j..]`.
 *
 * Reference: Wagner and Fischer, 1974, "The string-to-string correction problem", algorithm X
 */
export type EditCosts = {
  readonly substitution: number;
  /** Of an insertion or a deletion. */ readonly gap: number;
};

/** Writes the last row to `row`, `[others + 1]`: nothing is left of the sequence. */
export function fillLastEditRow(row: Float64Array, { gap }: EditCosts): void {
  for (let j = 0; j < row.length; j++) row[j] = (row.length - 1 - j) * gap;
}

/** Writes to `row` the row of `symbol`, which comes before those of the row `below`. */
export function fillEditRow<Symbol>(
  row: Float64Array,
  { symbol, others, below }: { symbol: Symbol; others: ArrayLike<Symbol>; below: Float64Array },
  { substitution, gap }: EditCosts,
): void {
  const end = others.length;
  let right = below[end]! + gap; // rows have one entry more than `others`
  row[end] = right;
  for (let j = end - 1; j >= 0; j--) {
    const diagonal = below[j + 1]! + (symbol === others[j] ? 0 : substitution);
    right = Math.min(diagonal, below[j]! + gap, right + gap);
    row[j] = right;
  }
}
