import type { LogProbabilityRows } from './log-probability-rows.ts';

/**
 * One step of an attention decoder for B hypotheses. Hypothesis `b` goes on from the state that row `parents[b]` of the
 * step before left (of the first step: from row 0, the start), and takes in `tokens[b]`: 0 at the start, then its
 * newest label.
 */
export type DecoderStep = (tokens: Int32Array, parents: Int32Array) => Promise<DecoderStepResult>;

export type DecoderStepResult = {
  /** `[B, L + 1]`: of what comes next; column 0 is the end. */
  readonly logProbabilities: LogProbabilityRows;
  /** `[B, E]`, row-major: where in the memory's E entries the step attended; may be left out. */
  readonly alignment?: Float32Array;
};
