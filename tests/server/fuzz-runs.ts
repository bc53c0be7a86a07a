/** How many random clients a test tries: `HEARKEN_FUZZ_RUNS=10000` for the long form. */
const asked = process.env['HEARKEN_FUZZ_RUNS'];

export function fuzzRuns(usual: number): number {
  return asked === undefined ? usual : Number(asked);
}

/** Milliseconds that only a server that hangs takes. */
export function fuzzTimeout(usual: number): number {
  return 120_000 + 500 * fuzzRuns(usual);
}
