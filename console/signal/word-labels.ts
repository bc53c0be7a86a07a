/** Where words are written under the signal: whole, each at its place where there is room. */
import type { WordMessage } from '../../client/index.ts';

export type WordLabel = {
  readonly word: WordMessage;
  readonly x: number;
  /** Row of the label; 0 is the upper. */
  readonly row: number;
};

export type LabelSpace = {
  /** Pixels of a second of the stream. */ readonly toX: (seconds: number) => number;
  /** Pixels. */ readonly width: number;
  readonly rows: number;
  /** Pixels that a word takes. */ readonly measure: (text: string) => number;
};

/** Pixels between two words of a row. */
const GAP = 5;

/**
 * Labels of the words that are in view, in their order. One that the edge cuts is moved in, so that nothing is written in part; one
 * that no row has room for is left out, as its bar still shows it.
 */
export function wordLabels(words: readonly WordMessage[], { toX, width, rows, measure }: LabelSpace): WordLabel[] {
  const free = Array.from({ length: rows }, () => 0); // where the next word of a row may begin
  return words.flatMap((word) => {
    if (toX(word.end) <= 0 || toX(word.start) >= width) return [];
    const length = measure(word.word);
    const x = Math.max(0, Math.min(toX(word.start), width - length));
    const row = free.findIndex((from) => from <= x);
    if (row < 0) return [];
    free[row] = x + length + GAP;
    return [{ word, x, row }];
  });
}
