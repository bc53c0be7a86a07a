import {
  bootstrapInterval,
  countErrors,
  type ErrorCounts,
  errorsIn,
  type Interval,
  wilsonInterval,
} from '../../src/text/error-rate.ts';

import type { PronouncedWord } from './cmudict.ts';

export type PronunciationScores = {
  /** Share of words that are said in none of their ways: 0.01 is 1 %. */ readonly wer: number;
  /** Wrong phones by phones of the nearest way to say each word. */ readonly per: number;
  readonly words: number;
  /** 95 %: Wilson's of `wer`, a bootstrap over words of `per`. */
  readonly ci95: { readonly wer: Interval; readonly per: Interval };
};

const BOOTSTRAP_SEED = 1;

/**
 * Scores `said[i]`, the phones of `words[i]`: a word is right if it is said in any of its ways. Throws `error-rate/no-words` where
 * there is none.
 */
export function scorePronunciations(
  words: readonly PronouncedWord[],
  said: readonly (readonly string[])[],
): PronunciationScores {
  const counts = words.map((word, index) => nearest(word, said[index] ?? []));
  const ofPhones = bootstrapInterval(counts, { seed: BOOTSTRAP_SEED });
  const wrong = counts.filter((each) => errorsIn(each) > 0).length;
  const sum = (of: (each: ErrorCounts) => number): number => counts.reduce((total, each) => total + of(each), 0);
  return {
    wer: wrong / words.length,
    per: sum(errorsIn) / sum((each) => each.words),
    words: words.length,
    ci95: { wer: wilsonInterval(wrong, words.length), per: ofPhones },
  };
}

/** Errors against the way to say `word` that has the fewest. */
function nearest({ pronunciations }: PronouncedWord, said: readonly string[]): ErrorCounts {
  const counts = pronunciations.map((phones) => countErrors(phones, said));
  return counts.reduce((best, each) => (errorsIn(each) < errorsIn(best) ? each : best));
}
