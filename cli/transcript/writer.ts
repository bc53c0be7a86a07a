import type { TranscribedCode, Transcript, Word } from '../../src/index.ts';

/** The parts of a transcript that are known once a recording has ended. */
export type TranscriptSummary = Omit<Transcript, 'text' | 'words' | 'codes'> & {
  /** Number of channels, where each was recognized for itself. */ readonly channelCount?: number;
};

/** Prints transcripts while they come, one recording after the other. */
export type TranscriptWriter = {
  begin(file: string): void;
  /** The words of a settled utterance; where each channel is heard alone, all words in the order in which they begin. */
  words(words: readonly Word[]): void;
  /** The code of a settled utterance, before its words; none where the grammar is not one of codes. */
  codes(codes: readonly TranscribedCode[]): void;
  end(summary: TranscriptSummary): void;
  /** After the last recording. */
  close(): void;
};

/** Prints text to a writer's destination. */
export type Print = (text: string) => void;
