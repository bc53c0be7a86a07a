import type { Hypothesis } from '../../src/ctc/prefix-beam.ts';
import { logSum } from '../../src/ctc/log-probabilities.ts';

/** Posteriors as one would write them: every hypothesis is aligned in full. */
export function naivePosteriors(labels: readonly number[], nBest: readonly Hypothesis[]): number[] {
  const total = logSum(nBest.map(({ logProbability }) => logProbability));
  if (total === Number.NEGATIVE_INFINITY) return labels.map(() => 1);
  const posteriors = labels.map(() => 0);
  for (const hypothesis of nBest) {
    const share = Math.exp(hypothesis.logProbability - total);
    for (const index of matchedIndices(labels, hypothesis.labels)) posteriors[index] = (posteriors[index] ?? 0) + share;
  }
  return posteriors.map((posterior) => Math.min(1, posterior));
}

/** Indices of `labels` that the alignment with the fewest errors finds unchanged in `others`. */
function matchedIndices(labels: readonly number[], others: readonly number[]): number[] {
  // errors[i][j]: fewest errors between labels[i..] and others[j..].
  const errors = Array.from({ length: labels.length + 1 }, () => new Int32Array(others.length + 1));
  const at = (i: number, j: number) => errors[i]?.[j] ?? 0;
  const diagonal = (i: number, j: number) => at(i + 1, j + 1) + (labels[i] === others[j] ? 0 : 1);
  for (let i = labels.length; i >= 0; i--) {
    for (let j = others.length; j >= 0; j--) {
      const row = errors[i];
      if (!row) continue;
      if (i === labels.length) row[j] = others.length - j;
      else if (j === others.length) row[j] = labels.length - i;
      else row[j] = Math.min(diagonal(i, j), at(i + 1, j) + 1, at(i, j + 1) + 1);
    }
  }
  const matched: number[] = [];
  for (let i = 0, j = 0; i < labels.length && j < others.length; ) {
    if (at(i, j) === diagonal(i, j)) {
      if (labels[i] === others[j]) matched.push(i);
      i++;
      j++;
    } else if (at(i, j) === at(i + 1, j) + 1) i++;
    else j++;
  }
  return matched;
}
