/**
 * Arithmetic on sizes of tensors. While a cell is exported, the size of a dynamic axis is a symbol, of which `+` and `*`
 * would make a number without meaning; cells compute with sizes by these functions, which anywhere else are `+`, `-` and `*`.
 */
export type SizeArithmetic = {
  readonly sum: (terms: readonly number[]) => number;
  readonly product: (factors: readonly number[]) => number;
};

const PLAIN: SizeArithmetic = {
  sum: (terms) => terms.reduce((sum, term) => sum + term, 0),
  product: (factors) => factors.reduce((product, factor) => product * factor, 1),
};

let arithmetic = PLAIN;

export function sizeSum(...terms: readonly number[]): number {
  return arithmetic.sum(terms);
}

export function sizeDifference(size: number, less: number): number {
  return arithmetic.sum([size, arithmetic.product([-1, less])]);
}

export function sizeProduct(...factors: readonly number[]): number {
  return arithmetic.product(factors);
}

/**
 * Runs `run`, computing with sizes by `symbolic` in the meantime, and returns its result; `run` must not be
 * asynchronous.
 */
export function withSizeArithmetic<Result>(symbolic: SizeArithmetic, run: () => Result): Result {
  const before = arithmetic;
  arithmetic = symbolic;
  try {
    return run();
  } finally {
    arithmetic = before;
  }
}
