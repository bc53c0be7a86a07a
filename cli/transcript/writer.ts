import type { Transcript, Word } from '../../src/index.ts';

/** What is known of a recording once it has been heard to its end. */
export type TranscriptSummary = Omit<Transcript, 'text' | 'words'> & {
  /** Where each was heard alone. */ readonly channelCount?: number;
};

/** Prints transcripts while they come, one recording after the other. */
export type TranscriptWriter = {
  begin(file: string): void;
  /** The words of a settled utterance; where each channel is heard alone, all words in the order in which they begin. */
  words(words: readonly Word[]): void;
  end(summary: TranscriptSummary): void;
  /** After the last recording. */
  close(): void;
};

/** Where a writer prints to. */
export type Print = (text: string) => void;
