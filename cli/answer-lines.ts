import type { NumberedMessage } from '../client/index.ts';

type AnswersMessage = Extract<NumberedMessage, { type: 'answers' }>;

/** A line for each token: its place in the stream, the likeliest label after it, and that label's probability. */
export function answerLines({ firstToken, labels, probabilities }: AnswersMessage): string {
  return labels
    .map((label, index) => {
      const place = String(firstToken + index).padStart(9);
      const share = `${Math.round(100 * (probabilities[index] ?? 0))} %`;
      return `${place} ${String(label).padStart(9)}  ${share.padStart(6)}\n`;
    })
    .join('');
}
