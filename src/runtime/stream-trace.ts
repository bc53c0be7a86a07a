import type { MemoryConfig } from '../memory/config.ts';
import { liveEntries } from '../memory/entries.ts';
import type { PoolingRecorder } from '../memory/pooling-log.ts';
import type { EntryAlignment } from '../memory/read-vectors.ts';
import type { Word } from '../search/word.ts';
import type { AttentionEvent, BinnedAttentionEvent, MemoryEvent } from './event.ts';
import type { DecoderAttention } from './settle-utterance.ts';

/** What is kept beside a stream, from its first vector on, so that its words can be traced back to moments of its past. */
export type StreamTrace = {
  readonly pooling: PoolingRecorder;
  /** Takes in the reads of a chunk; lets go of what is only of vectors before number `oldest`. */
  keepReads(alignments: readonly EntryAlignment[], oldest: number): void;
  /** What the words of a final rest on. Throws `attention/trace` where their reads are not held. */
  rest(final: TracedFinal): AttentionEvent | BinnedAttentionEvent;
  /** What the memory holds, where it is time to show that again; `before` vectors were there before the chunk. */
  picture(before: number): MemoryEvent | undefined;
};

/** A final on its way to be traced. */
export type TracedFinal = {
  readonly words: readonly Word[];
  /** For each word the number, from 0, of the vector where CTC placed it. */ readonly vectors: readonly number[];
  /** Vectors there were when the utterance ended. */ readonly count: number;
  readonly attention: DecoderAttention | undefined;
};

/** The decoder's alignment for label number `label` over all live entries after `count` vectors, those that it did not see included. */
export function decoderAlignment(
  config: MemoryConfig,
  count: number,
  { alignment, firstEntry }: DecoderAttention,
  label: number,
): Float32Array {
  const weights = new Float32Array(liveEntries(config, count).length);
  const seen = weights.length - firstEntry;
  weights.set(alignment.subarray(label * seen, (label + 1) * seen), firstEntry);
  return weights;
}
