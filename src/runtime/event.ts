/** What a stream of audio says of itself while it goes on. Anything revisable is called partial; a final never changes. */
import type { Word } from '../search/word.ts';

/** The utterance so far; the next partial or the final replaces it. */
export type PartialEvent = {
  readonly type: 'partial';
  readonly text: string;
  readonly words: readonly Word[];
};

/** A settled utterance. Times in seconds from the start of the stream. */
export type FinalEvent = {
  readonly type: 'final';
  readonly text: string;
  readonly words: readonly Word[];
  readonly start: number;
  readonly end: number;
};

/** Why an utterance ended: `silence` after words, `quiet` without any, `length` at the longest utterance, `end` of the stream. */
export type EndpointReason = 'silence' | 'quiet' | 'length' | 'end';

/** The utterance that the next final settles ended at `time`, seconds from the start of the stream. */
export type EndpointEvent = {
  readonly type: 'endpoint';
  readonly time: number;
  readonly reason: EndpointReason;
};

/** On which moments of the whole past each word of the last final rests; only where `attention` was asked for. */
export type AttentionEvent = {
  readonly type: 'attention';
  /** Seconds of audio that one weight stands for. */
  readonly secondsPerVector: number;
  readonly words: readonly WordAttention[];
};

export type WordAttention = Word & {
  /** One weight for each vector of the past, oldest first; they sum to 1. */
  readonly weights: Float32Array;
};

export type RecognitionEvent = PartialEvent | FinalEvent | EndpointEvent | AttentionEvent;
