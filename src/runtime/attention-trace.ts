import { HearkenError } from '../errors.ts';
import { attribute } from '../memory/attribute.ts';
import type { MemoryConfig } from '../memory/config.ts';
import { liveEntries } from '../memory/entries.ts';
import { PoolingLog } from '../memory/pooling-log.ts';
import type { EntryAlignment } from '../memory/read-vectors.ts';
import type { DecoderAttention } from './settle-utterance.ts';

/**
 * What is kept beside a stream so that its words can be traced back to moments of its whole past: the pooling weights of
 * every merge (O(N), outside the state), and the reads of the newest vectors. It must be there from the first vector on.
 */
export class AttentionTrace {
  readonly pooling: PoolingLog = new PoolingLog();
  readonly #reads = new Map<number, EntryAlignment>();

  /** Keeps the reads of a chunk, and lets go of those of vectors before number `oldest`. */
  keepReads(alignments: readonly EntryAlignment[], oldest: number): void {
    for (const alignment of alignments) this.#reads.set(alignment.count, alignment);
    for (const count of this.#reads.keys()) if (count <= oldest) this.#reads.delete(count);
  }

  /**
   * Where the memory's read at vector number `vector` (from 0) looked: `[vector + 1]`. Throws `attention/trace` where
   * that read is not held.
   */
  readAt(config: MemoryConfig, vector: number): Float32Array {
    const read = this.#reads.get(vector + 1);
    if (read === undefined) {
      throw new HearkenError('attention/trace', `Expected a trace that holds the read at vector ${vector}, got none`);
    }
    return attribute(config, this.pooling, read.count, read.weights);
  }

  /** Where the decoder looked for label number `label` when `count` vectors were there: `[count]`. */
  decoderAt(config: MemoryConfig, count: number, attention: DecoderAttention, label: number): Float32Array {
    const { alignment, firstEntry } = attention;
    const weights = new Float32Array(liveEntries(config, count).length);
    const seen = weights.length - firstEntry;
    weights.set(alignment.subarray(label * seen, (label + 1) * seen), firstEntry);
    return attribute(config, this.pooling, count, weights);
  }
}
