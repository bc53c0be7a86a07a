/**
 * Settles an utterance: what the CTC prefix beam and the attention decoder hold likely is scored by both. CTC keeps the
 * attention from skipping and repeating, the attention decoder knows what CTC's independent rows cannot.
 *
 * Reference: Watanabe et al., 2017, "Hybrid CTC/attention architecture for end-to-end speech recognition", IEEE JSTSP
 * 11(8), joint decoding by rescoring
 */
import { logSum, type LogProbabilityRows } from '../ctc/log-probabilities.ts';
import { ctcScores } from '../ctc/score.ts';
import type { ScoredSequence } from '../decoder/teacher-forcing.ts';
import { assertNumber, HearkenError } from '../errors.ts';
import type { GrammarWalk } from '../grammar/walk.ts';

export type JointRescoring = {
  /** CTC log-probabilities `[n, L + 1]` of the utterance. */
  readonly rows: LogProbabilityRows;
  /** The label sequences to choose from, for example those of both n-best lists; doubles are scored once. */
  readonly candidates: readonly (readonly number[])[];
  /** The attention decoder's scores of given sequences, in their order; see `scoreByTeacherForcing`. */
  readonly scoreHypotheses: (sequences: readonly (readonly number[])[]) => Promise<readonly ScoredSequence[]>;
  /** Weight of CTC, 0 (attention alone) to 1 (CTC alone). */
  readonly ctcWeight: number;
  /** A grammar whose weights are added to the scores; it allows all candidates. */ readonly walk?:
    | GrammarWalk
    | undefined;
};

type JointHypothesis = {
  readonly labels: readonly number[];
  /** `ctcWeight * ctc + (1 - ctcWeight) * attention`, and the grammar's weight. */
  readonly logProbability: number;
  /** Log-probability that CTC gives to the labels. */
  readonly ctc: number;
  readonly attention: number;
  /** Share of `exp(logProbability)` among all candidates, 0 to 1. */
  readonly posterior: number;
  /** `[labels, E]`: the attention decoder's alignment, where it gives one. */
  readonly alignment?: Float32Array;
};

/** Ranks the candidates by their joint score, best first; among equals the first stays first. */
export async function rescoreJointly(rescoring: JointRescoring): Promise<JointHypothesis[]> {
  const { rows, ctcWeight, walk } = rescoring;
  assertNumber('ctcWeight', ctcWeight, 0, 1);
  const candidates = [...new Map(rescoring.candidates.map((labels) => [labels.join(), labels])).values()];
  const attentionScores = candidates.length > 0 ? await rescoring.scoreHypotheses(candidates) : [];
  if (attentionScores.length !== candidates.length) {
    throw new HearkenError(
      'search/scores',
      `Expected \`scoreHypotheses\` to give ${candidates.length} scores, got ${attentionScores.length}`,
    );
  }
  const byCtc = ctcScores(rows, candidates);
  const logProbabilities = candidates.map((labels, index) => {
    const joint = weigh(ctcWeight, byCtc[index]!) + weigh(1 - ctcWeight, attentionScores[index]!.logProbability);
    return joint + (walk?.follow(labels)?.weight ?? 0);
  });
  const total = logSum(logProbabilities);
  const ranked: JointHypothesis[] = [];
  for (const [index, labels] of candidates.entries()) {
    const { logProbability: attention, alignment } = attentionScores[index]!; // as many as candidates
    const ctc = byCtc[index]!;
    const logProbability = logProbabilities[index]!;
    const posterior = total === Number.NEGATIVE_INFINITY ? 0 : Math.exp(logProbability - total);
    ranked.push({ labels, logProbability, ctc, attention, posterior, ...(alignment && { alignment }) });
  }
  return ranked.toSorted((a, b) => (a.logProbability === b.logProbability ? 0 : b.logProbability - a.logProbability));
}

/**
 * `weight * logProbability`, and 0 where the weight is 0: what is impossible counts for nothing then (0 * -Infinity
 * would be NaN).
 */
function weigh(weight: number, logProbability: number): number {
  return weight === 0 ? 0 : weight * logProbability;
}
