/** The past of a stream at one moment, and how much a read looked at each piece of it. */
import type { MemoryMessage, WordAttentionMessage } from '../../client/index.ts';

/** A span of the stream in seconds, and its share of attention, 0 to 1. */
export type Bin = { readonly start: number; readonly end: number; readonly share: number };

export type Past = {
  /** Start in seconds; the memory begins anew where an utterance was ended by hand. */ readonly start: number;
  readonly end: number;
  /** Oldest first, without gaps. */ readonly bins: readonly Bin[];
};

/** The past as the memory holds it now. */
export function pastOfMemory({ roots }: MemoryMessage): Past {
  const bins = roots.flatMap(({ start, end, shares }) =>
    shares.map((share, part): Bin => {
      const length = (end - start) / shares.length;
      return { start: start + part * length, end: start + (part + 1) * length, share };
    }),
  );
  return { start: roots[0]?.start ?? 0, end: roots.at(-1)?.end ?? 0, bins };
}

/**
 * The past as a word attended to it: by the decoder when it wrote the word, or by the memory's read where CTC decided
 * alone.
 */
export function pastOfWord(edges: readonly number[], { memory, decoder }: WordAttentionMessage): Past {
  const bins = (decoder ?? memory).map(
    (share, index): Bin => ({
      start: edges[index] ?? 0,
      end: edges[index + 1] ?? 0,
      share,
    }),
  );
  return { start: edges[0] ?? 0, end: edges.at(-1) ?? 0, bins };
}

/** The share of `start` to `end`; a bin that is cut counts by its part inside. */
export function shareWithin(bins: readonly Bin[], start: number, end: number): number {
  let sum = 0;
  for (const bin of bins) {
    const inside = Math.min(end, bin.end) - Math.max(start, bin.start);
    if (inside > 0) sum += bin.share * Math.min(1, inside / (bin.end - bin.start));
  }
  return sum;
}
