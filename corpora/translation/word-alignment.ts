/** Which words of a sentence and of its translation belong together, and how far two opinions about it differ. */
import type { WordPair, WordTranslation } from './ibm-model-1.ts';

/** Places of words that belong together: source, target. */
export type Link = readonly [source: number, target: number];

/** The words of `text` between white space, without marks at their ends and in lower case. */
export function alignedWords(text: string): string[] {
  return text.split(' ').map((word) => word.toLowerCase().replaceAll(/^[^\p{L}\p{N}{]+|[^\p{L}\p{N}}]+$/gu, ''));
}

/**
 * Links on which two word translations, one each way, agree: each the best for the other. Few, and mostly right: a silver standard,
 * no person's.
 */
export function silverLinks({ source, target }: WordPair, forward: WordTranslation, backward: WordTranslation): Link[] {
  const sourceOf = target.map((word) => bestPlace(word, source, forward));
  const targetOf = source.map((word) => bestPlace(word, target, backward));
  return sourceOf.flatMap((from, to) => (from >= 0 && targetOf[from] === to ? [[from, to] as const] : []));
}

/** The place among `candidates` that `word` is most likely written for; -1 if none is likelier than no word. */
function bestPlace(word: string, candidates: readonly string[], translation: WordTranslation): number {
  let best = -1;
  let most = word === '' ? 1 : translation.probabilityOfNone(word);
  for (const [place, candidate] of candidates.entries()) {
    const probability = candidate === '' ? 0 : translation.probability(word, candidate);
    if (probability > most) [best, most] = [place, probability];
  }
  return best;
}

/** What of links was counted, over any number of sentences. */
export type LinkCounts = { readonly found: number; readonly expected: number; readonly common: number };

export function countLinks(found: readonly Link[], expected: readonly Link[]): LinkCounts {
  const known = new Set(expected.map(String));
  return {
    found: found.length,
    expected: expected.length,
    common: found.filter((link) => known.has(String(link))).length,
  };
}

/**
 * Alignment error rate, 0 (the same links) to 1 (no link in common), where all links are sure ones. Reference: Och and Ney, 2003, "A
 * systematic comparison of various statistical alignment models", section 5.
 */
export function alignmentErrorRate({ found, expected, common }: LinkCounts): number {
  return found + expected === 0 ? 0 : 1 - (2 * common) / (found + expected);
}

/** Which share of its attention each symbol of the output paid to each of the input. */
export type AlignedSymbols = {
  readonly inputSymbols: readonly string[];
  readonly outputSymbols: readonly string[];
  /** For each output symbol its shares of the input symbols. */ readonly alignment: readonly (readonly number[])[];
};

/**
 * An alignment of pieces as one of words: of a word of the input all that its pieces have, of a word of the output the mean over its
 * pieces, so that a row has the sum that a piece's has. A piece that begins with a space begins a word.
 */
export function alignmentOfWords({ inputSymbols, outputSymbols, alignment }: AlignedSymbols): AlignedSymbols {
  const [from, to] = [wordsOfPieces(inputSymbols), wordsOfPieces(outputSymbols)];
  const [inputWords, outputWords] = [spelledWords(inputSymbols, from), spelledWords(outputSymbols, to)];
  const rows = outputWords.map((_, word) => {
    const pieces = alignment.filter((__, piece) => to[piece] === word);
    const sums = inputWords.map(() => 0);
    for (const shares of pieces) {
      for (const [piece, share] of shares.entries()) {
        const place = from[piece];
        if (place !== undefined) sums[place] = (sums[place] ?? 0) + share / pieces.length;
      }
    }
    return sums;
  });
  return { inputSymbols: inputWords, outputSymbols: outputWords, alignment: rows };
}

/** Links of words by an alignment of pieces: of each word of the target the word of the source that has most of its attention. */
export function linksOfPieces(
  alignment: readonly (readonly number[])[],
  sourcePieces: readonly string[],
  targetPieces: readonly string[],
): Link[] {
  const words = alignmentOfWords({ inputSymbols: sourcePieces, outputSymbols: targetPieces, alignment });
  return words.alignment.flatMap((shares, to) => {
    const most = Math.max(0, ...shares);
    return most === 0 ? [] : [[shares.indexOf(most), to] as const];
  });
}

/** Of each piece the place of its word. */
function wordsOfPieces(pieces: readonly string[]): number[] {
  let word = 0;
  return pieces.map((piece, index) => {
    if (index > 0 && piece.startsWith(' ')) word += 1;
    return word;
  });
}

function spelledWords(pieces: readonly string[], places: readonly number[]): string[] {
  const words = Array.from({ length: 1 + (places.at(-1) ?? -1) }, () => '');
  for (const [index, place] of places.entries()) words[place] += pieces[index] ?? '';
  return words.map((word) => word.trim());
}
