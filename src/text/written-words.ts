/** How times and probabilities are written where programs read them: 5.52, not 5.5200000000000005. */
import type { Word } from './word.ts';

/** `value` to three decimals: whole milliseconds of a time in seconds, which is more than is known of any word. */
export function toThousandths(value: number): number {
  return Math.round(value * 1e3) / 1e3;
}

/** `words` with times in whole milliseconds and confidences to six decimals; what else they carry stays as it is. */
export function toWrittenWords<W extends Word>(words: readonly W[]): W[] {
  return words.map((word) => ({
    ...word,
    start: toThousandths(word.start),
    end: toThousandths(word.end),
    confidence: Math.round(word.confidence * 1e6) / 1e6,
  }));
}
