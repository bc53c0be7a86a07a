import type { ErrorCode } from '../error-codes.ts';
import type { Word } from '../search/word.ts';

/** Something about a recording that its hearer should know: a stable code, and a sentence for people. */
export type Notice = { readonly code: ErrorCode; readonly message: string };

export type Transcript = {
  /** The words, separated by spaces; where each channel was heard alone, a line a channel. */ readonly text: string;
  /** With times in seconds from the start of the recording, in the order in which they begin. */
  readonly words: readonly Word[];
  readonly durationSeconds: number;
  /** Seconds of work for a second of audio: 0.02 is fifty times as fast as it was spoken. */
  readonly realTimeFactor: number;
  /** Why words may be missing: the recording is cut short or broken, and this is what was heard before. */
  readonly incomplete?: Notice;
  /** What may have been heard wrongly, and why: `audio/cancelled` where mixing the channels left next to nothing. */
  readonly warnings?: readonly Notice[];
};

/** In the order in which they begin; those of one channel keep theirs. */
export function inOrder(words: readonly Word[]): Word[] {
  return words.toSorted((a, b) => a.start - b.start);
}

/** The words, separated by spaces; where they are of `channelCount` channels heard each alone, a line a channel. */
export function textOf(words: readonly Word[], channelCount?: number): string {
  const line = (some: readonly Word[]): string => some.map(({ word }) => word).join(' ');
  if (channelCount === undefined) return line(words);
  const lines = Array.from({ length: channelCount }, (_, index) =>
    line(words.filter(({ channel }) => channel === index)),
  );
  return lines.join('\n');
}
