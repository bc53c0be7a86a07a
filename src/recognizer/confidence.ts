/**
 * How probable it is that a word is right: the less sure of two views. The n-best list knows what else the utterance may
 * have been, but its scores are too sure in noise; the rows know how the label stood out among those allowed.
 *
 * Measured on words of the human development set, clean and in noise, with a half-trained model: the smaller of the two
 * was off by 0.03 on average in ten equal bins (expected calibration error), the n-best list alone by 0.08, the share
 * alone by 0.06, their product by 0.07.
 *
 * Reference: Mangu, Brill and Stolcke, 2000, "Finding consensus in speech recognition", section 3, on an n-best list
 */
import type { ConfidenceOptions } from '../model/decoding.ts';
import type { Hypothesis } from '../ctc/prefix-beam.ts';
import type { AlignedLabel } from '../ctc/alignment.ts';
import { logSum } from '../ctc/log-probabilities.ts';
import type { LogProbabilityRows } from '../ctc/log-probabilities.ts';
import { matchedIndices } from '../text/edit-distance.ts';

/**
 * Probability, 0 to 1, of each label of `labels`: that which the n-best list gives to hypotheses that have it in the
 * same place. Hypotheses are matched by their alignment with the fewest errors. 1 where the list is empty.
 */
export function nBestPosteriors(labels: readonly number[], nBest: readonly Hypothesis[]): number[] {
  const total = logSum(nBest.map(({ logProbability }) => logProbability));
  const posteriors = labels.map(() => 0);
  if (total === Number.NEGATIVE_INFINITY) return posteriors.map(() => 1);
  for (const hypothesis of nBest) {
    const share = Math.exp(hypothesis.logProbability - total);
    if (share > 0) addToMatched(posteriors, share, labels, hypothesis.labels);
  }
  return posteriors.map((posterior) => Math.min(1, posterior));
}

/**
 * Share, 0 to 1, of this label in the probability of all labels in `allowed`, over the rows that emitted it. Blanks are
 * left out: how long a spike lasts says nothing about which label it is.
 */
export function labelShare(
  { width, data }: LogProbabilityRows,
  { label, first, last }: AlignedLabel,
  allowed: Iterable<number>,
): number {
  const massOf = (symbol: number): number => {
    let mass = 0;
    for (let row = first; row <= last; row++) mass += Math.exp(data[row * width + symbol]!); // rows hold it
    return mass;
  };
  let all = 0;
  for (const symbol of allowed) all += massOf(symbol);
  return all > 0 ? Math.min(1, massOf(label) / all) : 0;
}

/** No share counts as closer to 0 or 1 than this: an n-best list has no more to say. */
const LEAST_DOUBT = 1e-6;

/**
 * Probability, 0 to 1, that a label of this share is right. 0.5 stays 0.5 where `shift` is 0; a scale below 1 makes it less sure.
 *
 * Reference: Platt, 1999, "Probabilistic outputs for support vector machines", equation 1, of the logit in place of a margin
 *
 * @example
 * calibrated(0.99, { scale: 0.5, shift: 0 }); // 0.909
 */
export function calibrated(share: number, { scale, shift }: ConfidenceOptions): number {
  if (scale === 1 && shift === 0) return share;
  return 1 / (1 + Math.exp(-(scale * logitOf(share) + shift)));
}

/** `log(p / (1 - p))` of a share that is taken to be no closer to 0 or 1 than a millionth. */
export function logitOf(share: number): number {
  const doubted = Math.min(1 - LEAST_DOUBT, Math.max(LEAST_DOUBT, share));
  return Math.log(doubted / (1 - doubted));
}

/**
 * Adds `share` to the posteriors of the labels that the alignment with the fewest errors finds unchanged in `others`. Most
 * hypotheses differ by one label, and then it is plain which the others match; `matchedIndices` finds the same.
 */
function addToMatched(posteriors: number[], share: number, labels: readonly number[], others: readonly number[]): void {
  const shorter = Math.min(labels.length, others.length);
  let before = 0;
  while (before < shorter && labels[before] === others[before]) before++;
  let after = 0;
  while (after < shorter - before && labels[labels.length - 1 - after] === others[others.length - 1 - after]) after++;
  const add = (index: number): void => {
    posteriors[index] = posteriors[index]! + share; // one for each label
  };
  for (let index = 0; index < before; index++) add(index);
  if (Math.max(labels.length, others.length) - before - after <= 1) {
    for (let index = labels.length - after; index < labels.length; index++) add(index);
  } else {
    for (const index of matchedIndices(labels.slice(before), others.slice(before))) add(before + index);
  }
}
