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

/** Where was looked for each word of the final before it, over the whole past; only where attention was asked for. */
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

/** As `AttentionEvent`, over bins of the past that are the longer the older they are, O(log N) of them. */
export type BinnedAttentionEvent = {
  readonly type: 'binned-attention';
  /** Seconds: bin i lasts from edge i to edge i + 1; together the bins are the whole past. */
  readonly edges: readonly number[];
  readonly words: readonly BinnedWordAttention[];
};

/** Shares of the bins; they sum to 1. */
export type BinnedWordAttention = Word & {
  /** Where the memory's read looked in the moment that CTC placed the word. */ readonly memory: Float32Array;
  /** Where the attention decoder looked when it wrote the word; absent where CTC settled alone. */
  readonly decoder?: Float32Array;
};

/** What the memory holds, and where in it was read for the newest output; the next such event replaces it. */
export type MemoryEvent = {
  readonly type: 'memory';
  /** Seconds from the start of the stream. */ readonly time: number;
  /** The live roots, oldest first, and the window last; together they are the whole past. */
  readonly roots: readonly RootAttention[];
};

export type RootAttention = {
  /** 0 for the window. */ readonly level: number;
  /** Seconds */ readonly start: number;
  readonly end: number;
  /** Shares of equal parts of its span, of the window's single vectors; those of all roots together sum to 1. */
  readonly shares: Float32Array;
};

export type RecognitionEvent =
  | PartialEvent
  | FinalEvent
  | EndpointEvent
  | AttentionEvent
  | BinnedAttentionEvent
  | MemoryEvent;
