/** Symbols of the CTC states of `labels`, `2 * labels.length + 1` of them: blank, label, blank, ..., label, blank. */
export function extendWithBlanks(labels: ArrayLike<number>): Int32Array {
  const symbols = new Int32Array(2 * labels.length + 1);
  for (let index = 0; index < labels.length; index++) symbols[2 * index + 1] = labels[index]!;
  return symbols;
}

/** Whether a path may come to `state` from two states before: from a label to the next, different one. */
export function maySkipBlank(symbols: Int32Array, state: number): boolean {
  return state >= 3 && state % 2 === 1 && symbols[state] !== symbols[state - 2];
}
