/** From the hypotheses of an utterance to the codes that may have been said, and which of them is the answer. */
import { logAdd, logSum } from '../ctc/log-probabilities.ts';
import type { Hypothesis } from '../ctc/prefix-beam.ts';
import type { Code } from '../grammar/code-grammar.ts';

/** A code that may have been said, as it is written. */
export type CodeAlternative = {
  readonly written: string;
  /** The likeliest labels by which it was said. */ readonly labels: readonly number[];
  /** Whether it matches the whole pattern. */ readonly complete: boolean;
  /** Whether it is complete and satisfies all checks. */ readonly valid: boolean;
  /** Natural logarithm of its score, over all hypotheses that say it; comparable within an utterance. */
  readonly logProbability: number;
  /** Its share, 0 to 1, in the probability of all that the hypotheses may be written as. */ readonly posterior: number;
};

/** How what may be said is written, which of it is valid, and what is told of it. */
type Ranking = Pick<Code, 'walk' | 'isValid' | 'alternatives' | 'margin'> & Partial<Pick<Code, 'leastPosterior'>>;

/** What was said of all that `hypotheses` may be written as, and how; no labels where they are nothing. */
export function chooseCode<One extends Hypothesis>(code: Ranking, hypotheses: readonly One[]): ChosenCode<One> {
  const alternatives = rankCodes(code, hypotheses);
  return { labels: alternatives[0]?.labels ?? [], hypotheses, alternatives };
}

type ChosenCode<One> = {
  readonly labels: readonly number[];
  readonly hypotheses: readonly One[];
  readonly alternatives: readonly CodeAlternative[];
};

/** Ways to write one hypothesis that are looked at. */
const READINGS = 16;

/**
 * What `hypotheses` may be written as: first the answer, then the others, the likeliest first, at most `code.alternatives`. The answer
 * is the likeliest that is valid, if it is at most `code.margin` nats less likely than the likeliest of all, else that.
 */
export function rankCodes(code: Ranking, hypotheses: readonly Hypothesis[]): CodeAlternative[] {
  const byText = new Map<string, Omit<CodeAlternative, 'posterior'>>();
  for (const { labels, logProbability } of hypotheses) {
    if (logProbability === Number.NEGATIVE_INFINITY) continue;
    const best = code.walk.follow(labels)?.weight ?? 0;
    for (const { written, weight, complete } of code.walk.readings(labels, READINGS)) {
      const score = logProbability - best + weight;
      const same = byText.get(written);
      if (same === undefined) {
        const valid = complete && code.isValid(written);
        byText.set(written, { written, labels, complete, valid, logProbability: score });
      } else byText.set(written, { ...same, logProbability: logAdd(same.logProbability, score) });
    }
  }
  const ranked = [...byText.values()].toSorted((a, b) => b.logProbability - a.logProbability);
  const total = logSum(ranked.map(({ logProbability }) => logProbability));
  const least = (ranked[0]?.logProbability ?? 0) - code.margin;
  const shared = ranked.map((one) => {
    const posterior = Math.min(1, Math.exp(one.logProbability - total));
    return { ...one, posterior, valid: one.valid && posterior >= (code.leastPosterior?.(one.written) ?? 0) };
  });
  const valid = shared.find((one) => one.valid && one.logProbability >= least);
  const ordered = valid === undefined ? shared : [valid, ...shared.filter((one) => one !== valid)];
  return ordered.slice(0, code.alternatives);
}
