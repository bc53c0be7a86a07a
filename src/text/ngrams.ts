/** Counting of n-grams, as the scores of translations need it. */

/** What Python calls white space, which the published scores cut at: Unicode's, and four separators of ASCII. */
const WHITE_SPACE = String.raw`[\p{White_Space}\x1c-\x1f]+`;
const BETWEEN_WORDS = new RegExp(WHITE_SPACE, 'u');
const AT_END = new RegExp(`${WHITE_SPACE}$`, 'u');

/** How often each n-gram occurs. */
export type NgramCounts = ReadonlyMap<string, number>;

/** The words between white space. */
export function splitAtWhiteSpace(text: string): string[] {
  return text.split(BETWEEN_WORDS).filter((word) => word !== '');
}

export function withoutWhiteSpaceAtEnd(text: string): string {
  return text.replace(AT_END, '');
}

/** The n-grams of `symbols`, each written as its symbols with `separator` between them. */
export function countNgrams(symbols: readonly string[], order: number, separator: string): NgramCounts {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= symbols.length; start += 1) {
    const ngram = symbols.slice(start, start + order).join(separator);
    counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
  }
  return counts;
}

export function totalOf(counts: NgramCounts): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

/** How many n-grams of `hypothesis` are in `reference`, each counted no more often than it stands there. */
export function matchesOf(hypothesis: NgramCounts, reference: NgramCounts): number {
  let matches = 0;
  for (const [ngram, count] of hypothesis) matches += Math.min(count, reference.get(ngram) ?? 0);
  return matches;
}
