/** What a stream of audio says of itself while it goes on. Anything revisable is called partial; a final never changes. */
import type { Utterance } from '../search/endpointing.ts';
import type { Word } from '../search/word.ts';

/** The utterance so far; the next partial or final replaces it. */
export type PartialEvent = {
  readonly type: 'partial';
  /** The words, separated by spaces. */ readonly text: string;
  readonly words: readonly Word[];
};

/** A settled utterance. Times in seconds from the start of the stream. */
export type FinalEvent = {
  readonly type: 'final';
  /** The words, separated by spaces; empty where a partial turned out to be none. */ readonly text: string;
  readonly words: readonly Word[];
  readonly start: number;
  readonly end: number;
};

/** An utterance ended; the final that settles it, if it has words, comes next. */
export type EndpointEvent = {
  readonly type: 'endpoint';
  /** Seconds from the start of the stream. */ readonly time: number;
  /** `silence` after words, `quiet` without any, `length` of the longest utterance, `end` of the stream. */
  readonly reason: NonNullable<Utterance['reason']>;
};

/** On which moments of the whole past each word of the final before it rests; only where attention was asked for. */
export type AttentionEvent = {
  readonly type: 'attention';
  /** Seconds of audio that one weight stands for. */ readonly secondsPerVector: number;
  readonly words: readonly WordAttention[];
};

/** Weights over the vectors of the past, oldest first, traced down the memory's tree; they sum to 1. */
export type WordAttention = Word & {
  /** Where the memory's read looked in the moment that CTC placed the word. */ readonly memory: Float32Array;
  /** Where the attention decoder looked when it wrote the word; absent where CTC settled alone. */
  readonly decoder?: Float32Array;
};

export type RecognitionEvent = PartialEvent | FinalEvent | EndpointEvent | AttentionEvent;
