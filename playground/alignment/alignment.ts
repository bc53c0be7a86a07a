/** What was written about an input, and where each symbol of it looked. */
export type Alignment = {
  readonly inputSymbols: readonly string[];
  readonly outputSymbols: readonly string[];
  /** For each output symbol its shares of the input symbols, 0..1. */ readonly alignment: readonly (readonly number[])[];
};

/** The alignment in words, for people who do not see it: where each symbol looked most. */
export function describeAlignment({ inputSymbols, outputSymbols, alignment }: Alignment): string {
  const looked = outputSymbols.map((symbol, row) => {
    const shares = alignment[row] ?? [];
    const most = Math.max(...shares);
    return `${symbol} at ${inputSymbols[shares.indexOf(most)] ?? 'nothing'}`;
  });
  return looked.length === 0 ? 'Nothing is written' : `Looked most: ${looked.join(', ')}`;
}
