/** Whether what is said to be 90 % sure is right 9 times of 10, and the fit that makes it so. */
import { logitOf } from '../src/recognizer/confidence.ts';
import type { ConfidenceOptions } from '../src/model/decoding.ts';

/** A word that was heard: how probable it was said to be that it is right, 0 to 1, and whether it was. */
export type Judged = { readonly confidence: number; readonly isRight: boolean };

/** Words whose confidence is at least `from` and below `to`, in the last row at most. */
export type ReliabilityRow = {
  readonly from: number;
  readonly to: number;
  readonly words: number;
  /** Mean of their confidences. */ readonly confidence: number;
  /** Share of them that is right. */ readonly right: number;
};

export type Calibration = {
  readonly words: number;
  /** Mean distance of `confidence` and `right` over the rows, weighed by their words: 0.02 is 2 of 100. */
  readonly expectedCalibrationError: number;
  /** Ten equal steps; those without words are left out. */ readonly rows: readonly ReliabilityRow[];
};

const STEPS = 10;

/**
 * Reference: Guo et al., 2017, "On calibration of modern neural networks", equation 3
 *
 * @example
 * calibrationOf([{ confidence: 0.9, isRight: true }, { confidence: 0.9, isRight: false }]).expectedCalibrationError; // 0.4
 */
export function calibrationOf(judged: readonly Judged[]): Calibration {
  const rows = Array.from({ length: STEPS }, (_, step) => {
    const own = judged.filter(({ confidence }) => Math.min(STEPS - 1, Math.floor(confidence * STEPS)) === step);
    const mean = (valueOf: (one: Judged) => number): number =>
      own.reduce((sum, one) => sum + valueOf(one), 0) / own.length;
    return {
      from: step / STEPS,
      to: (step + 1) / STEPS,
      words: own.length,
      confidence: mean(({ confidence }) => confidence),
      right: mean(({ isRight }) => Number(isRight)),
    };
  }).filter(({ words }) => words > 0);
  const distance = rows.reduce((sum, { words, confidence, right }) => sum + words * Math.abs(confidence - right), 0);
  return { words: judged.length, expectedCalibrationError: judged.length === 0 ? 0 : distance / judged.length, rows };
}

const STEPS_OF_NEWTON = 50;
const HALVINGS = 30;
/** Keeps the fit finite where all words are right. */
const RIDGE = 1e-3;

/**
 * The scale and shift with the largest likelihood of `groups`, whose confidences are shares as the search gives them: logistic regression of
 * being right on their logits by Newton's method, with a small penalty on what differs from taking shares as they are. A group, the words of
 * one speaker for example, counts as much as another.
 */
export function fitConfidence(groups: readonly (readonly Judged[])[]): ConfidenceOptions {
  let fitted: ConfidenceOptions = { scale: 1, shift: 0 };
  for (let step = 0; step < STEPS_OF_NEWTON; step++) {
    const [byScale, byShift] = newtonStep(groups, fitted);
    const before = lossOf(groups, fitted);
    let better: ConfidenceOptions | undefined;
    for (let share = 1, halving = 0; better === undefined && halving < HALVINGS; share /= 2, halving++) {
      const tried = { scale: fitted.scale + share * byScale, shift: fitted.shift + share * byShift };
      if (lossOf(groups, tried) < before) better = tried;
    }
    if (better === undefined) break; // as good as numbers can tell
    fitted = better;
  }
  return fitted;
}

/** Negative log-likelihood, its mean over the words of each group, and the penalty. */
function lossOf(groups: readonly (readonly Judged[])[], { scale, shift }: ConfidenceOptions): number {
  let loss = (RIDGE / 2) * ((scale - 1) ** 2 + shift ** 2);
  for (const judged of groups) {
    for (const { confidence, isRight } of judged) {
      const margin = (isRight ? 1 : -1) * (scale * logitOf(confidence) + shift);
      loss += (margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin) / judged.length;
    }
  }
  return loss;
}

/** What Newton's method adds to scale and shift. */
function newtonStep(groups: readonly (readonly Judged[])[], { scale, shift }: ConfidenceOptions): [number, number] {
  let [byScale, byShift] = [-RIDGE * (scale - 1), -RIDGE * shift];
  let [scaleScale, scaleShift, shiftShift] = [RIDGE, 0, RIDGE];
  for (const judged of groups) {
    for (const { confidence, isRight } of judged) {
      const logit = logitOf(confidence);
      const probability = 1 / (1 + Math.exp(-(scale * logit + shift)));
      const surprise = (Number(isRight) - probability) / judged.length;
      const curvature = (probability * (1 - probability)) / judged.length;
      byScale += surprise * logit;
      byShift += surprise;
      scaleScale += curvature * logit * logit;
      scaleShift += curvature * logit;
      shiftShift += curvature;
    }
  }
  const determinant = scaleScale * shiftShift - scaleShift * scaleShift;
  return [
    (shiftShift * byScale - scaleShift * byShift) / determinant,
    (scaleScale * byShift - scaleShift * byScale) / determinant,
  ];
}
