/**
 * chrF and chrF++ of a corpus, as sacreBLEU computes them: n-grams of up to 6 characters (chrF++: and of up to 2 words), recall
 * counted twice as much as precision, one reference. References: Popović, 2015, "chrF: character n-gram F-score for automatic
 * MT evaluation"; Popović, 2017, "chrF++: words helping character n-grams".
 */
import { assertSegments, SACREBLEU_VERSION } from './segments.ts';
import { countNgrams, matchesOf, type NgramCounts, splitAtWhiteSpace, totalOf } from './ngrams.ts';

export type ChrfOptions = {
  /** Longest n-gram of words that counts: 0 (the default) is chrF2, 2 is chrF2++. */
  readonly wordOrder?: 0 | 1 | 2;
};

export type ChrfScore = {
  /** 0..100. */
  readonly score: number;
  /** `chrF2`, `chrF2+` or `chrF2++`. */
  readonly name: string;
  /** What was computed, in the form that sacreBLEU prints; the version is the one whose numbers these equal. */
  readonly signature: string;
};

const CHARACTER_ORDER = 6;
/** Recall counts this many times as much as precision. */
const BETA = 2;
const PUNCTUATION = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/**
 * chrF2 of `hypotheses` against `references`, segment by segment, counted over all of them. White space does not count.
 * Throws `text/segments` unless both hold equally many segments, at least one.
 *
 * @example
 * ```ts
 * import { chrf } from 'hearken/text';
 *
 * const { name, score, signature } = chrf(['Die Datei wurde nicht gefunden.'], ['Die Datei wurde nicht geladen.']);
 * console.log(name, score.toFixed(2), signature);
 * // => chrF2 80.33 nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0
 * ```
 */
export function chrf(
  hypotheses: readonly string[],
  references: readonly string[],
  { wordOrder = 0 }: ChrfOptions = {},
): ChrfScore {
  assertSegments(hypotheses, references);
  const sums = Array.from({ length: CHARACTER_ORDER + wordOrder }, () => ({ hypothesis: 0, reference: 0, matches: 0 }));
  for (const [index, text] of hypotheses.entries()) {
    const hypothesis = ngramsOf(text, wordOrder);
    const reference = ngramsOf(references[index]!, wordOrder);
    for (const [place, sum] of sums.entries()) {
      const expected = reference[place]!;
      if (expected.size > 0) sum.hypothesis += totalOf(hypothesis[place]!); // where nothing can match, nothing is counted
      sum.reference += totalOf(expected);
      sum.matches += matchesOf(hypothesis[place]!, expected);
    }
  }
  return {
    score: 100 * meanF(sums),
    name: `chrF${BETA}${'+'.repeat(wordOrder)}`,
    signature: `nrefs:1|case:mixed|eff:yes|nc:${CHARACTER_ORDER}|nw:${wordOrder}|space:no|version:${SACREBLEU_VERSION}`,
  };
}

type OrderCounts = { readonly hypothesis: number; readonly reference: number; readonly matches: number };

/** F of the mean precision and the mean recall over the orders that both sides have. */
function meanF(orders: readonly OrderCounts[]): number {
  const effective = orders.filter(({ hypothesis, reference }) => hypothesis > 0 && reference > 0);
  let precision = 0;
  let recall = 0;
  for (const { hypothesis, reference, matches } of effective) {
    precision += matches / hypothesis;
    recall += matches / reference;
  }
  if (precision + recall === 0) return 0;
  precision /= effective.length;
  recall /= effective.length;
  return ((1 + BETA ** 2) * precision * recall) / (BETA ** 2 * precision + recall);
}

/** The n-grams of characters, shortest first, and after them those of words. */
function ngramsOf(text: string, wordOrder: number): NgramCounts[] {
  const characters = Array.from(splitAtWhiteSpace(text).join(''));
  const words = splitAtWhiteSpace(text).flatMap(withoutPunctuation);
  return [
    ...Array.from({ length: CHARACTER_ORDER }, (_, index) => countNgrams(characters, index + 1, '')),
    ...Array.from({ length: wordOrder }, (_, index) => countNgrams(words, index + 1, ' ')),
  ];
}

/** One mark at the end of a word, or else at its start, is a word of its own: of `(hi)` only the last. */
function withoutPunctuation(word: string): string[] {
  const characters = Array.from(word);
  if (characters.length === 1) return [word];
  if (PUNCTUATION.has(characters.at(-1)!)) return [characters.slice(0, -1).join(''), characters.at(-1)!];
  if (PUNCTUATION.has(characters[0]!)) return [characters[0]!, characters.slice(1).join('')];
  return [word];
}
