/** A word that was heard, with its place in the stream. */
export type Word = {
  readonly word: string;
  /** Start of the word, in seconds from the start of the stream; `start < end`. */
  readonly start: number;
  readonly end: number;
  /** Probability that the word is right, 0 to 1. */
  readonly confidence: number;
  /** Set where the word was not said then, but given back: the utterance asked for what was marked before (`DecodingOptions.recall`). */
  readonly recalled?: true | undefined;
  /** Channel of the recording, from 0; only where each channel was transcribed for itself. */
  readonly channel?: number;
};
