/** What a stream of audio says of itself while it goes on. Anything revisable is called partial; a final never changes. */
import { logSum } from '../ctc/log-probabilities.ts';
import { alignLabels } from '../ctc/alignment.ts';
import type { Hypothesis } from '../ctc/prefix-beam.ts';
import type { SpokenGrammar } from '../grammar/code-grammar.ts';
import type { Word } from '../text/word.ts';
import type { TracedFinal } from './attention-trace.ts';
import type { CodeAlternative } from './code-alternatives.ts';
import type { JoinedParts } from './code-parts.ts';
import type { UtteranceSpan } from './endpointing.ts';
import type { Engine } from './engine.ts';
import type { RescoredUtterance } from './rescoring.ts';
import { spelledWords, wordsOfPhones } from './phone-words.ts';
import type { StreamSettings } from './state.ts';
import type { SearchedUtterance } from './utterance-search.ts';
import { timeWords } from './word-times.ts';

/** The words of the utterance so far; the next partial or final replaces it. */
export type PartialEvent = {
  readonly type: 'partial';
  /** The words, separated by spaces. */ readonly text: string;
  readonly words: readonly Word[];
  /** What they are written as so far; only where the grammar is one of codes. */ readonly written?: string;
  /** Whether what is written is a whole code; only where the grammar is one of codes. */ readonly complete?: boolean;
};

/** A code that may have been said in an utterance. */
export type WrittenCode = {
  readonly written: string;
  /** Its words, as they were spoken, separated by spaces. */ readonly text: string;
  /** Whether it matches the whole pattern. */ readonly complete: boolean;
  /** Whether it is complete and satisfies its check digits and whatever else is asked of codes. */ readonly valid: boolean;
  /** Natural logarithm of its score; differences to others of the same utterance tell how much likelier it is. */
  readonly logProbability: number;
  /** Its share, 0 to 1, in the probability of all that was considered. */ readonly posterior: number;
};

/** The words of an ended utterance, which never change. Times in seconds from the start of the stream. */
export type FinalEvent = {
  readonly type: 'final';
  /** The words, separated by spaces; empty where a partial turned out to be no word. */ readonly text: string;
  readonly words: readonly Word[];
  readonly start: number;
  readonly end: number;
  /** The code as it is written; this and what follows only where the grammar is one of codes. */ readonly written?: string;
  /** Whether it matches the whole pattern. */ readonly complete?: boolean;
  /**
   * Whether it is complete and satisfies all checks; if not, nothing that does was likely enough (`margin`), and this is the
   * likeliest of what does not.
   */
  readonly valid?: boolean;
  /** By how many milliseconds it came earlier than after the usual pause, since nothing may follow the code; only where it did. */ readonly savedMs?: number;
  /** What may have been said: the answer, then the others, the likeliest first; of codes, and of phrases of any words. */ readonly alternatives?: readonly WrittenCode[];
};

/** Nobody said anything for the time that the grammar states (`ListeningChoice.noInputMs`); told once, until something was said again. */
export type NoInputEvent = {
  readonly type: 'no-input';
  /** When the time was over, in seconds from the start of the stream. */ readonly time: number;
};

/** The end of an utterance; its final, if it has words, comes next. */
export type EndpointEvent = {
  readonly type: 'endpoint';
  /** End of the utterance, in seconds from the start of the stream. */ readonly time: number;
  /**
   * Why the utterance ended: `silence` after words, `quiet` without any, `length` where it reached the longest, `end`
   * of the stream.
   */
  readonly reason: NonNullable<UtteranceSpan['reason']>;
};

/** Attention of each word in the preceding final over all past vectors; sent only where a stream asks for attention. */
export type AttentionEvent = {
  readonly type: 'attention';
  /** Seconds of audio that one attention weight stands for. */ readonly secondsPerVector: number;
  readonly words: readonly WordAttention[];
};

/**
 * A word with its attention weights over all past vectors, oldest first, traced down the memory's tree; they sum to 1.
 */
export type WordAttention = Word & {
  /** Attention of the memory's read at the vector where CTC placed the word. */ readonly memory: Float32Array;
  /** Attention of the attention decoder when it wrote the word; absent where CTC decided alone. */
  readonly decoder?: Float32Array;
};

/**
 * Attention of each word in the preceding final over O(log N) bins of the past, which are the longer the older they
 * are.
 */
export type BinnedAttentionEvent = {
  readonly type: 'binned-attention';
  /** Bounds of the bins in seconds: bin i lasts from edge i to edge i + 1; together the bins are the whole past. */
  readonly edges: readonly number[];
  readonly words: readonly BinnedWordAttention[];
};

/** A word with its share of attention in each bin of the past; the shares sum to 1. */
export type BinnedWordAttention = Word & {
  /** Attention of the memory's read at the vector where CTC placed the word. */ readonly memory: Float32Array;
  /** Attention of the attention decoder when it wrote the word; absent where CTC decided alone. */
  readonly decoder?: Float32Array;
};

/** What the memory holds, and how the newest output's attention is spread over it; the next such event replaces it. */
export type MemoryEvent = {
  readonly type: 'memory';
  /** Moment of the picture, in seconds from the start of the stream. */ readonly time: number;
  /** The live roots of the memory's trees, oldest first, and the window last; together they are the whole past. */
  readonly roots: readonly RootAttention[];
};

export type RootAttention = {
  /** Level of the root in the memory's tree; 0 for the window. */ readonly level: number;
  /** Start of the root's span, in seconds from the start of the stream. */ readonly start: number;
  readonly end: number;
  /**
   * Shares of attention of equal parts of the root's span (of the window: of its single vectors); those of all roots
   * sum to 1.
   */
  readonly shares: Float32Array;
};

export type RecognitionEvent =
  | PartialEvent
  | FinalEvent
  | EndpointEvent
  | NoInputEvent
  | AttentionEvent
  | BinnedAttentionEvent
  | MemoryEvent;

/* From utterances to the events that tell of them. */

/** Shortest duration given to a word that was spelled only in the silence after the end of its stream. */
const SHORTEST_WORD_SECONDS = 0.01;

/** The partial event of the utterance under way, the last part of `joined` where it is of a code that was cut. */
export function partialEvent(
  engine: Engine,
  settings: StreamSettings,
  utterance: SearchedUtterance,
  joined?: JoinedParts,
): PartialEvent {
  const { hypotheses } = utterance;
  const labels = (joined ?? utterance).hypotheses[0]?.labels ?? [];
  const words = joined?.wordsOf(labels) ?? wordsOf(engine, settings, utterance, labels, hypotheses);
  const [code] = settings.grammar.code?.walk.readings(labels, 1) ?? [];
  const written = code && { written: code.written, complete: code.complete };
  return { type: 'partial', text: textOf(words), words, ...written };
}

/** The final event of an ended utterance, the last part of `joined` where it is of a code that was cut; no word of it lies after the `secondsHeard` of its stream. */
export function finalEvent(
  engine: Engine,
  settings: StreamSettings,
  utterance: SearchedUtterance,
  { labels, hypotheses, alternatives, isRecalled }: RescoredUtterance,
  secondsHeard: number,
  joined?: JoinedParts,
): FinalEvent {
  const start = (joined ?? utterance).start * engine.secondsPerVector;
  const end = Math.min(utterance.end * engine.secondsPerVector, secondsHeard);
  const placed = isRecalled
    ? recalledWords(settings, labels, hypotheses, { start, end })
    : (joined?.wordsOf(labels) ?? wordsOf(engine, settings, utterance, labels, hypotheses));
  const words = placedBefore(placed, end);
  const written = alternatives && writtenIn(settings.grammar, alternatives);
  const { savedMs } = utterance;
  return { type: 'final', text: textOf(words), words, start, end, ...written, ...(savedMs && { savedMs }) };
}

/** The part of a final that tells of a code, or of what else phrases may have been. */
function writtenIn({ words, phones }: SpokenGrammar, alternatives: readonly CodeAlternative[]) {
  if (phones !== undefined) {
    return {
      alternatives: alternatives.map(({ written, complete, valid, logProbability, posterior }) => ({
        written,
        text: written,
        complete,
        valid,
        logProbability,
        posterior,
      })),
    };
  }
  const [answer] = alternatives;
  return {
    written: answer?.written ?? '',
    complete: answer?.complete === true,
    valid: answer?.valid === true,
    alternatives: alternatives.map(({ labels, ...alternative }) => ({
      ...alternative,
      text: labels.map((label) => words.get(label)).join(' '),
    })),
  };
}

/**
 * Words that were given back, one after the other in the time of the utterance that asked for them. Each is as probable as all that
 * hold it among what the decoder held likely.
 */
function recalledWords(
  { grammar }: StreamSettings,
  labels: readonly number[],
  nBest: readonly Hypothesis[],
  { start, end }: { readonly start: number; readonly end: number },
): Word[] {
  const total = logSum(nBest.map(({ logProbability }) => logProbability));
  const length = (end - start) / labels.length;
  return labels.map((label, index) => {
    const holding = nBest.filter((each) => each.labels[index] === label).map(({ logProbability }) => logProbability);
    const confidence = Math.min(1, Math.exp(logSum(holding) - total));
    const wordStart = start + index * length;
    return {
      word: grammar.words.get(label) ?? '',
      start: wordStart,
      end: wordStart + length,
      confidence,
      recalled: true,
    };
  });
}

/**
 * `words`, of which those that reach past `end` are moved before it, and the ones before them as far as they are in the
 * way.
 */
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

/** What a trace needs to attribute an ended utterance to the past. `words` are those of its final event. */
export function tracedFinal(
  { grammar }: StreamSettings,
  utterance: SearchedUtterance,
  { labels, attention, isRecalled }: RescoredUtterance,
  words: readonly Word[],
): TracedFinal {
  if (isRecalled) {
    return { words, vectors: words.map(() => utterance.end - 1), count: utterance.end, attention };
  }
  const placed = alignLabels(utterance.rows, labels).labels;
  const lasts = grammar.phones && spelledWords(grammar.phones, labels).map(({ last }) => last);
  const vectors = words.map((_, index) => utterance.start + placed[lasts?.[index] ?? index]!.peak);
  return { words, vectors, count: utterance.end, attention };
}

/** The words that `labels` are, as the utterance says them. */
export function wordsOf(
  { config: { decoding }, secondsPerVector }: Engine,
  { grammar }: StreamSettings,
  { rows, energies, start }: SearchedUtterance,
  labels: readonly number[],
  nBest: readonly Hypothesis[],
): Word[] {
  const startSeconds = start * secondsPerVector;
  if (grammar.phones !== undefined) {
    const heard = { rows, labels, hypotheses: nBest };
    return wordsOfPhones(grammar.phones, heard, { startSeconds, secondsPerVector });
  }
  return timeWords({ rows, energies, labels, words: grammar.words, nBest, startSeconds, secondsPerVector, decoding });
}

function textOf(words: readonly Word[]): string {
  return words.map(({ word }) => word).join(' ');
}
