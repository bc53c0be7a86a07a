import { HearkenError } from '../errors.ts';
import { attribute } from '../memory/attribute.ts';
import { PoolingLog } from '../memory/pooling-log.ts';
import type { EntryAlignment } from '../memory/read-vectors.ts';
import type { Engine } from './engine.ts';
import type { AttentionEvent, WordAttention } from './event.ts';
import type { DecoderAttention } from './settle-utterance.ts';
import { decoderAlignment, type StreamTrace, type TracedFinal } from './stream-trace.ts';

/** Traces words to single vectors: keeps the pooling weights of every merge, O(N), and the reads of the newest vectors. */
export class AttentionTrace implements StreamTrace {
  readonly pooling: PoolingLog = new PoolingLog();
  readonly #engine: Engine;
  readonly #reads = new Map<number, EntryAlignment>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  keepReads(alignments: readonly EntryAlignment[], oldest: number): void {
    for (const alignment of alignments) this.#reads.set(alignment.count, alignment);
    for (const count of this.#reads.keys()) if (count <= oldest) this.#reads.delete(count);
  }

  rest({ words, vectors, count, attention }: TracedFinal): AttentionEvent {
    const traced = words.map((word, index): WordAttention => {
      const memory = this.#readAt(vectors[index] ?? 0);
      const decoder = attention && this.decoderAt(count, attention, index);
      return { ...word, memory, ...(decoder && { decoder }) };
    });
    return { type: 'attention', secondsPerVector: this.#engine.secondsPerVector, words: traced };
  }

  /** Pictures of the memory are for streams that do not end: see `BinnedTrace`. */
  picture(): undefined {
    return undefined;
  }

  /** Where the memory's read at vector number `vector` (from 0) looked: `[vector + 1]`. */
  #readAt(vector: number): Float32Array {
    const read = this.#reads.get(vector + 1);
    if (read === undefined) {
      throw new HearkenError('attention/trace', `Expected a trace that holds the read at vector ${vector}, got none`);
    }
    return attribute(this.#engine.config.memory, this.pooling, read.count, read.weights);
  }

  /** Where the decoder looked for label number `label` when `count` vectors were there: `[count]`. */
  decoderAt(count: number, attention: DecoderAttention, label: number): Float32Array {
    const { memory } = this.#engine.config;
    return attribute(memory, this.pooling, count, decoderAlignment(memory, count, attention, label));
  }
}
