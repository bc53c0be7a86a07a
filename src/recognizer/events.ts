/** What a stream of audio says of itself while it goes on. Anything revisable is called partial; a final never changes. */
import { alignLabels } from '../ctc/alignment.ts';
import type { Hypothesis } from '../ctc/prefix-beam.ts';
import type { Word } from '../text/word.ts';
import type { TracedFinal } from './attention-trace.ts';
import type { UtteranceSpan } from './endpointing.ts';
import type { Engine } from './engine.ts';
import type { RescoredUtterance } from './rescoring.ts';
import type { StreamSettings } from './state.ts';
import type { SearchedUtterance } from './utterance-search.ts';
import { timeWords } from './word-times.ts';

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
  readonly reason: NonNullable<UtteranceSpan['reason']>;
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

/* From utterances to the events that tell of them. */

/** Of a word that was spelled only in the silence after the end of its stream. */
const SHORTEST_WORD_SECONDS = 0.01;

/** What the utterance under way seems to be. */
export function partialEvent(engine: Engine, settings: StreamSettings, utterance: SearchedUtterance): PartialEvent {
  const { hypotheses } = utterance;
  const words = wordsOf(engine, settings, utterance, hypotheses[0]?.labels ?? [], hypotheses);
  return { type: 'partial', text: textOf(words), words };
}

/** What an ended utterance was; nothing of it lies after the `secondsHeard` of its stream. */
export function finalEvent(
  engine: Engine,
  settings: StreamSettings,
  utterance: SearchedUtterance,
  { labels, hypotheses }: RescoredUtterance,
  secondsHeard: number,
): FinalEvent {
  const placed = wordsOf(engine, settings, utterance, labels, hypotheses);
  const start = utterance.start * engine.secondsPerVector;
  const end = Math.min(utterance.end * engine.secondsPerVector, secondsHeard);
  const words = placedBefore(placed, end);
  return { type: 'final', text: textOf(words), words, start, end };
}

/** Words that reach past `end` drawn before it, and the ones before them as far as they are in the way. */
function placedBefore(words: readonly Word[], end: number): Word[] {
  let limit = end;
  return words
    .toReversed()
    .map((word): Word => {
      const placed =
        word.end <= limit ? word : { ...word, start: Math.min(word.start, limit - SHORTEST_WORD_SECONDS), end: limit };
      limit = placed.start;
      return placed;
    })
    .toReversed();
}

/** What a trace needs to tell why an ended utterance was taken for what it was. `words` are those of its final event. */
export function tracedFinal(
  utterance: SearchedUtterance,
  { labels, attention }: RescoredUtterance,
  words: readonly Word[],
): TracedFinal {
  const placed = alignLabels(utterance.rows, labels).labels;
  const vectors = words.map((_, index) => utterance.start + (placed[index]?.peak ?? 0));
  return { words, vectors, count: utterance.end, attention };
}

function wordsOf(
  { config: { decoding }, secondsPerVector }: Engine,
  { grammar }: StreamSettings,
  { rows, energies, start }: SearchedUtterance,
  labels: readonly number[],
  nBest: readonly Hypothesis[],
): Word[] {
  const startSeconds = start * secondsPerVector;
  return timeWords({ rows, energies, labels, words: grammar.words, nBest, startSeconds, secondsPerVector, decoding });
}

function textOf(words: readonly Word[]): string {
  return words.map(({ word }) => word).join(' ');
}
