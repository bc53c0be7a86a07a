import type { NumberedMessage } from '../client/index.ts';

type AttentionMessage = Extract<NumberedMessage, { type: 'attention' }>;

/** Moments that are told of each word, the strongest first. */
const MOMENTS = 3;

/** For each word of a final a line: on which moments of the past it rests, in seconds, by the decoder where it was asked. */
export function attentionLines({ edges, words }: AttentionMessage): string {
  return words
    .map(({ word, memory, decoder = memory }) => {
      const moments = decoder
        .map((share, bin) => ({ share, start: edges[bin] ?? 0, end: edges[bin + 1] ?? 0 }))
        .toSorted((a, b) => b.share - a.share)
        .slice(0, MOMENTS)
        .map(({ share, start, end }) => `${start.toFixed(2)}-${end.toFixed(2)} s (${(100 * share).toFixed(0)} %)`);
      return `  ${word} rests on ${moments.join(', ')}\n`;
    })
    .join('');
}
