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

const EACH_ERROR: EditCosts = { substitution: 1, gap: 1 };

/** Indices of `sequence`, ascending, that the alignment with the fewest errors finds unchanged in `others`. */
export function matchedIndices<Symbol>(sequence: readonly Symbol[], others: readonly Symbol[]): number[] {
  const width = others.length + 1;
  const errors = fewestErrors(sequence, others);
  const at = (i: number, j: number) => errors[i * width + j]!; // asked inside only
  const matched: number[] = [];
  for (let i = 0, j = 0; i < sequence.length && j < others.length; ) {
    const isSame = sequence[i] === others[j];
    if (at(i, j) === at(i + 1, j + 1) + (isSame ? 0 : 1)) {
      if (isSame) matched.push(i);
      i++;
      j++;
    } else if (at(i, j) === at(i + 1, j) + 1) i++;
    else j++;
  }
  return matched;
}

/** `[sequence + 1, others + 1]`: the fewest errors between `sequence[i..]` and `others[j..]`. */
function fewestErrors<Symbol>(sequence: readonly Symbol[], others: readonly Symbol[]): Float64Array {
  const width = others.length + 1;
  const errors = new Float64Array((sequence.length + 1) * width);
  let below = errors.subarray(sequence.length * width);
  fillLastEditRow(below, EACH_ERROR);
  for (let i = sequence.length - 1; i >= 0; i--) {
    const row = errors.subarray(i * width, (i + 1) * width);
    fillEditRow(row, { symbol: sequence[i]!, others, below }, EACH_ERROR);
    below = row;
  }
  return errors;
}
