import type { NumberedMessage } from '../client/index.ts';

type AttentionMessage = Extract<NumberedMessage, { type: 'attention' }>;

/** Moments that are told of each word, the strongest first. */
const MOMENTS = 3;

/**
 * A line for each word of a final: the moments of the past, in seconds, that the decoder attended to, or the memory's
 * read where CTC decided alone.
 */
export function attentionLines({ edges, words }: AttentionMessage): string {
  return words
    .map(({ word, memory, decoder }) => {
      const moments = (decoder ?? memory)
        .map((share, bin) => ({ share, start: edges[bin] ?? 0, end: edges[bin + 1] ?? 0 }))
        .toSorted((a, b) => b.share - a.share)
        .slice(0, MOMENTS)
        .map(({ share, start, end }) => `${start.toFixed(2)}-${end.toFixed(2)} s (${(100 * share).toFixed(0)} %)`);
      const reader = decoder === undefined ? "the memory's read" : 'the decoder';
      return `  ${word}: ${reader} looked at ${moments.join(', ')}\n`;
    })
    .join('');
}
