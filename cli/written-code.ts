import type { TranscribedCode } from '../src/index.ts';
import { toThousandths } from '../src/text/written-words.ts';

/** `code` with times in whole milliseconds, probabilities to three decimals and shares of alternatives to six. */
export function toWrittenCode({ start, end, confidence, alternatives, ...code }: TranscribedCode): TranscribedCode {
  return {
    ...code,
    start: toThousandths(start),
    end: toThousandths(end),
    confidence: toThousandths(confidence),
    alternatives: alternatives.map(({ logProbability, posterior, ...alternative }) => ({
      ...alternative,
      logProbability: toThousandths(logProbability),
      posterior: Math.round(posterior * 1e6) / 1e6,
    })),
  };
}
