/** A word that was heard, with its place in the stream. */
export type Word = {
  readonly word: string;
  /** Seconds from the start of the stream; `start < end`. */
  readonly start: number;
  readonly end: number;
  /** Probability that the word is right, 0 to 1. */
  readonly confidence: number;
  /** Of its recording, from 0; only where each channel was heard alone. */ readonly channel?: number;
};
