import type { Word } from '../../src/search/word.ts';

/** What is known of a recording once it has been heard to its end. */
export type Summary = {
  readonly durationSeconds: number;
  /** Seconds of work for a second of audio. */ readonly realTimeFactor: number;
};

/** Prints transcripts while they come, one recording after the other. */
export type TranscriptWriter = {
  begin(file: string): void;
  /** The words of a settled utterance. */
  words(words: readonly Word[]): void;
  end(summary: Summary): void;
  /** After the last recording. */
  close(): void;
};

/** Where a writer prints to. */
export type Print = (text: string) => void;
