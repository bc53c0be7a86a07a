/**
 * Several decoders asked as one: what comes next has the mean of their probabilities.
 *
 * Reference: Sutskever, Vinyals and Le, 2014, section 3.6 (ensembles), https://arxiv.org/abs/1409.3215
 */
import { HearkenError } from '../../src/errors.ts';
import type { DecoderStep } from '../../src/decoder/beam-search.ts';

/**
 * A step of all `members` for the same hypotheses; its alignment is the first one's. Its sum of exponentials is taken in float64 from the
 * largest, so that what none of them holds possible stays so. Throws `search/rows` where their labels are not as many.
 */
export function averageSteps(members: readonly DecoderStep[]): DecoderStep {
  return async (tokens, parents) => {
    const results = [];
    for (const step of members) results.push(await step(tokens, parents));
    const [first, ...others] = results;
    if (first === undefined) throw new HearkenError('search/rows', 'Expected `members` to be one or more, got none');
    const { width, data } = first.logProbabilities;
    const wrong = others.find(({ logProbabilities }) => logProbabilities.width !== width);
    if (wrong !== undefined) {
      const got = wrong.logProbabilities.width;
      throw new HearkenError('search/rows', `Expected \`members\` with ${width} symbols each, got ${got} of another`);
    }
    const rows = results.map(({ logProbabilities }) => logProbabilities.data);
    const mean = Float64Array.from(data, (_, index) => logMean(rows.map((row) => row[index]!))); // as many in each
    return { ...first, logProbabilities: { width, data: mean } };
  };
}

function logMean(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / logs.length);
}
