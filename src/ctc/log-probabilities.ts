import { HearkenError } from '../errors.ts';

/**
 * Log-probabilities `[n, width]` of one utterance, row-major: column 0 is the CTC blank (or the decoder's end symbol),
 * column `i` the label with id `i`. Natural logarithms; `-Infinity` stands for probability 0.
 */
export type LogProbabilityRows = {
  /** Labels + 1, at least 2. */
  readonly width: number;
  /** `n * width` numbers; n may be 0. */
  readonly data: Float32Array | Float64Array;
};

/**
 * The number of rows. Throws `search/rows` if they do not fill the width or hold a NaN or +Infinity, which would
 * otherwise order hypotheses at random.
 */
export function countRows({ width, data }: LogProbabilityRows): number {
  if (!Number.isInteger(width) || width < 2) {
    throw new HearkenError('search/rows', `Expected \`width\` to be an integer of at least 2, got ${width}`);
  }
  if (data.length % width !== 0) {
    throw new HearkenError('search/rows', `Expected \`data\` of n * ${width} numbers, got ${data.length}`);
  }
  let wrong = 0; // a loop: a callback for each number costs as much as a search
  while (wrong < data.length && data[wrong]! < Number.POSITIVE_INFINITY) wrong++;
  if (wrong < data.length) {
    const place = `row ${Math.floor(wrong / width)}, column ${wrong % width}`;
    throw new HearkenError('search/rows', `Expected log-probabilities, got ${data[wrong]} at ${place}`);
  }
  return data.length / width;
}

/** Refuses label ids outside 1..labelCount with `search/label`; `name` is the argument's, for the message. */
export function assertLabels(name: string, labels: ArrayLike<number>, labelCount: number): void {
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!;
    if (Number.isInteger(label) && label >= 1 && label <= labelCount) continue;
    throw new HearkenError('search/label', `Expected \`${name}\` to hold label ids in 1..${labelCount}, got ${label}`);
  }
}

/** The ids a search may use, ascending and distinct: `allowed`, or all labels if it is left out. */
export function allowedLabels(labelCount: number, allowed: readonly number[] | undefined): readonly number[] {
  if (allowed === undefined) return Array.from({ length: labelCount }, (_, index) => index + 1);
  assertLabels('allowed', allowed, labelCount);
  return [...new Set(allowed)].toSorted((a, b) => a - b);
}

/** `log(exp(a) + exp(b))` without overflow; `-Infinity` is the log of 0. */
export function logAdd(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b;
  if (b === Number.NEGATIVE_INFINITY) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/** `log(sum(exp(values)))`, `-Infinity` for none. */
export function logSum(values: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) largest = Math.max(largest, value);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}
