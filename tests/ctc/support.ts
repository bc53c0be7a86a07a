import * as fc from 'fast-check';

import type { LogProbabilityRows } from '../../src/ctc/log-probabilities.ts';
import { ctcScores } from '../../src/ctc/score.ts';

/** Rows of logarithms of `probabilities`, in double precision. */
export function rowsOf(
  probabilities: readonly (readonly number[])[],
  width: number = probabilities[0]?.length ?? 2,
): LogProbabilityRows {
  return { width, data: Float64Array.from(probabilities.flat(), Math.log) };
}

/** Random rows of `labelCount + 1` normalised probabilities, some of them 0. */
export function anyRows(labelCount: number, rowCount: { min: number; max: number }): fc.Arbitrary<LogProbabilityRows> {
  const weight = fc.oneof({ weight: 5, arbitrary: fc.double({ min: 0.001, max: 1, noNaN: true }) }, fc.constant(0));
  const row = fc
    .array(weight, { minLength: labelCount + 1, maxLength: labelCount + 1 })
    .filter((weights) => weights.some((one) => one > 0))
    .map((weights) => weights.map((one) => one / weights.reduce((sum, other) => sum + other, 0)));
  return fc
    .array(row, { minLength: rowCount.min, maxLength: rowCount.max })
    .map((probabilities) => rowsOf(probabilities, labelCount + 1));
}

/** What a path of symbols spells: repeats merged, blanks (0) removed. */
export function collapse(path: readonly number[]): number[] {
  return path.filter((symbol, index) => symbol !== 0 && symbol !== path[index - 1]);
}

/** Every path through the rows with its probability. */
export function* enumeratePaths({
  width,
  data,
}: LogProbabilityRows): Generator<{ path: number[]; probability: number }> {
  const rowCount = data.length / width;
  for (let code = 0; code < width ** rowCount; code++) {
    const path = Array.from({ length: rowCount }, (_, row) => Math.floor(code / width ** row) % width);
    const probability = path.reduce(
      (product, symbol, row) => product * Math.exp(data[row * width + symbol] ?? -Infinity),
      1,
    );
    yield { path, probability };
  }
}

/** Probability of every label sequence (joined by commas) that is possible, by enumeration of all paths. */
export function enumerateLabels(rows: LogProbabilityRows, allowed?: readonly number[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { path, probability } of enumeratePaths(rows)) {
    const labels = collapse(path);
    if (probability === 0 || (allowed && labels.some((label) => !allowed.includes(label)))) continue;
    sums.set(labels.join(), (sums.get(labels.join()) ?? 0) + probability);
  }
  return sums;
}

/** Cuts rows into pieces of the given sizes; the last piece takes what is left. */
export function cut({ width, data }: LogProbabilityRows, sizes: readonly number[]): LogProbabilityRows[] {
  const pieces: LogProbabilityRows[] = [];
  let start = 0;
  for (const size of sizes) {
    pieces.push({ width, data: data.slice(start * width, (start + size) * width) });
    start = Math.min(start + size, data.length / width);
  }
  return [...pieces, { width, data: data.slice(start * width) }];
}

/** `log p(labels | rows)` */
export function ctcScore(rows: LogProbabilityRows, labels: readonly number[]): number {
  return ctcScores(rows, [labels])[0]!; // one for the one sequence
}
