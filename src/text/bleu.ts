/**
 * BLEU of a corpus, as sacreBLEU computes it: words by the tokenizer 13a, n-grams up to 4, exponential smoothing, one reference.
 * References: Papineni et al., 2002, "BLEU: a method for automatic evaluation of machine translation"; Post, 2018, "A call
 * for clarity in reporting BLEU scores"; smoothing is method 3 of Chen and Cherry, 2014.
 */
import { assertSegments, SACREBLEU_VERSION } from './segments.ts';
import { countNgrams, matchesOf, splitAtWhiteSpace, totalOf, withoutWhiteSpaceAtEnd } from './ngrams.ts';

export type BleuScore = {
  /** 0..100. */
  readonly score: number;
  /** In percent, of n-grams of 1..4 words, smoothed. */
  readonly precisions: readonly number[];
  /** 1 unless the hypotheses are shorter than the references. */
  readonly brevityPenalty: number;
  /** Words of all hypotheses. */
  readonly hypothesisLength: number;
  /** Words of all references. */
  readonly referenceLength: number;
  /** What was computed, in the form that sacreBLEU prints; the version is the one whose numbers these equal. */
  readonly signature: string;
};

const ORDERS = [1, 2, 3, 4] as const;
const SIGNATURE = `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:${SACREBLEU_VERSION}`;

/**
 * BLEU of `hypotheses` against `references`, segment by segment, counted over all of them: an average of scores of single
 * segments is not BLEU. Throws `text/segments` unless both hold equally many segments, at least one.
 *
 * @example
 * ```ts
 * import { bleu } from 'hearken/text';
 *
 * const { score, signature } = bleu(['Die Datei wurde nicht gefunden.'], ['Die Datei wurde nicht geladen.']);
 * console.log(score.toFixed(2), signature);
 * // => 53.73 nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0
 * ```
 */
export function bleu(hypotheses: readonly string[], references: readonly string[]): BleuScore {
  assertSegments(hypotheses, references);
  const matches = ORDERS.map(() => 0);
  const totals = ORDERS.map(() => 0);
  let hypothesisLength = 0;
  let referenceLength = 0;
  for (const [index, hypothesis] of hypotheses.entries()) {
    const words = tokenize13a(hypothesis);
    const expected = tokenize13a(references[index]!);
    hypothesisLength += words.length;
    referenceLength += expected.length;
    for (const [place, order] of ORDERS.entries()) {
      const counts = countNgrams(words, order, ' ');
      matches[place]! += matchesOf(counts, countNgrams(expected, order, ' '));
      totals[place]! += totalOf(counts);
    }
  }
  const brevityPenalty = penaltyOf(hypothesisLength, referenceLength);
  const precisions = smoothedPrecisions(matches, totals);
  const logarithms = precisions.map((precision) => Math.log(precision)); // of 0: -Infinity, and the score is 0
  const score = brevityPenalty * Math.exp(logarithms.reduce((sum, each) => sum + each, 0) / ORDERS.length);
  return { score, precisions, brevityPenalty, hypothesisLength, referenceLength, signature: SIGNATURE };
}

function penaltyOf(hypothesisLength: number, referenceLength: number): number {
  if (hypothesisLength >= referenceLength) return 1;
  return hypothesisLength === 0 ? 0 : Math.exp(1 - referenceLength / hypothesisLength);
}

/** Each order without a match halves what it counts as one; without any match at all nothing is smoothed. */
function smoothedPrecisions(matches: readonly number[], totals: readonly number[]): number[] {
  if (matches.every((count) => count === 0)) return matches.map(() => 0);
  let halvings = 1;
  return matches.map((count, place) => {
    const total = totals[place]!;
    if (total === 0) return 0;
    if (count > 0) return (100 * count) / total;
    halvings *= 2;
    return 100 / (halvings * total);
  });
}

/**
 * The words of `text` by the tokenizer of mteval-v13a: punctuation stands alone, but period and comma stay between digits.
 *
 * @example
 * ```ts
 * import { tokenize13a } from 'hearken/text';
 *
 * console.log(tokenize13a('Costs 1,000.50, not "2-3".').join(' '));
 * // => Costs 1,000.50 , not " 2 - 3 " .
 * ```
 */
export function tokenize13a(text: string): string[] {
  const line = withoutWhiteSpaceAtEnd(text)
    .replaceAll('<skipped>', '')
    .replaceAll('-\n', '')
    .replaceAll('\n', ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>');
  const spaced = ` ${line} `
    .replaceAll(/([{-~[-` -&(-+:-@/])/gu, ' $1 ')
    .replaceAll(/([^0-9])([.,])/gu, '$1 $2 ')
    .replaceAll(/([.,])([^0-9])/gu, ' $1 $2')
    .replaceAll(/([0-9])(-)/gu, '$1 $2 ');
  return splitAtWhiteSpace(spaced);
}
