/**
 * Settles an utterance: what the CTC prefix beam and the attention decoder hold likely is scored by both. CTC keeps the
 * attention from skipping and repeating, the attention decoder knows what CTC's independent rows cannot.
 *
 * Reference: Watanabe et al., 2017, "Hybrid CTC/attention architecture for end-to-end speech recognition", IEEE JSTSP
 * 11(8), joint decoding by rescoring
 */
import { assertNumber, HearkenError } from '../errors.ts';
import { ctcScores } from './ctc-score.ts';
import { logSum } from './log-add.ts';
import type { LogProbabilityRows } from './log-probability-rows.ts';
import type { AttentionScore } from './teacher-forcing.ts';

export type JointRescoring = {
  /** CTC log-probabilities `[n, L + 1]` of the utterance. */
  readonly rows: LogProbabilityRows;
  /** The label sequences to choose from, for example those of both n-best lists; doubles are scored once. */
  readonly candidates: readonly (readonly number[])[];
  /** The attention decoder's scores of given sequences, in their order; see `scoreByTeacherForcing`. */
  readonly scoreHypotheses: (sequences: readonly (readonly number[])[]) => Promise<readonly AttentionScore[]>;
  /** Weight of CTC, 0 (attention alone) to 1 (CTC alone). */
  readonly ctcWeight: number;
  /** Added to the score for each label, -10 to 10; default 0. */
  readonly lengthBonus?: number;
};

export type JointHypothesis = {
  readonly labels: readonly number[];
  /** `ctcWeight * ctc + (1 - ctcWeight) * attention + lengthBonus * labels.length`. */
  readonly logProbability: number;
  /** The two log-probabilities. */
  readonly ctc: number;
  readonly attention: number;
  /** Share of `exp(logProbability)` among all candidates, 0 to 1. */
  readonly posterior: number;
  /** `[labels, E]`: the attention decoder's alignment, where it gives one. */
  readonly alignment?: Float32Array;
};

/** The candidates, best first; among equals the first. */
export async function rescoreJointly(rescoring: JointRescoring): Promise<JointHypothesis[]> {
  const { rows, ctcWeight, lengthBonus = 0 } = rescoring;
  assertNumber('ctcWeight', ctcWeight, 0, 1);
  assertNumber('lengthBonus', lengthBonus, -10, 10);
  const candidates = [...new Map(rescoring.candidates.map((labels) => [labels.join(), labels])).values()];
  const attentionScores = candidates.length > 0 ? await rescoring.scoreHypotheses(candidates) : [];
  if (attentionScores.length !== candidates.length) {
    throw new HearkenError(
      'search/scores',
      `Expected \`scoreHypotheses\` to give ${candidates.length} scores, got ${attentionScores.length}`,
    );
  }
  const byCtc = ctcScores(rows, candidates);
  const logProbabilities = candidates.map(
    (labels, index) =>
      weigh(ctcWeight, byCtc[index]) +
      weigh(1 - ctcWeight, attentionScores[index]?.logProbability) +
      lengthBonus * labels.length,
  );
  const total = logSum(logProbabilities);
  const ranked: JointHypothesis[] = [];
  for (const [index, labels] of candidates.entries()) {
    const { logProbability: attention = Number.NEGATIVE_INFINITY, alignment } = attentionScores[index] ?? {};
    const ctc = byCtc[index] ?? Number.NEGATIVE_INFINITY;
    const logProbability = logProbabilities[index] ?? Number.NEGATIVE_INFINITY;
    const posterior = total === Number.NEGATIVE_INFINITY ? 0 : Math.exp(logProbability - total);
    ranked.push({ labels, logProbability, ctc, attention, posterior, ...(alignment && { alignment }) });
  }
  return ranked.toSorted((a, b) => (a.logProbability === b.logProbability ? 0 : b.logProbability - a.logProbability));
}

/** A weight of 0 leaves out even what is impossible, where 0 * -Infinity would be NaN. */
function weigh(weight: number, logProbability: number = Number.NEGATIVE_INFINITY): number {
  return weight === 0 ? 0 : weight * logProbability;
}
