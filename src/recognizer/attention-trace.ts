import { attribute } from '../memory/attribute.ts';
import { joinParts, pastEdges, pastRoots, PoolingParts } from '../memory/past-parts.ts';
import { HearkenError } from '../errors.ts';
import type { MemoryConfig } from '../memory/config.ts';
import { type PoolingRecorder, PoolingLog } from '../memory/pooling-log.ts';
import { liveEntries } from '../memory/state.ts';
import type { EntryAlignment } from '../memory/streaming.ts';
import { concatenate } from '../tensor/concatenate.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotKind } from '../tensor/snapshot.ts';
import type { Word } from '../text/word.ts';
import type { Engine } from './engine.ts';
import type {
  AttentionEvent,
  BinnedAttentionEvent,
  MemoryEvent,
  WordAttention,
  BinnedWordAttention,
} from './events.ts';
import type { DecoderAttention } from './rescoring.ts';

/** State kept beside a stream, from its first vector on, so that its words can be attributed to moments of its past. */
export type StreamAttention = {
  readonly pooling: PoolingRecorder;
  /** Takes in the reads of a chunk; lets go of what is only of vectors before number `oldest`. */
  keepReads(alignments: readonly EntryAlignment[], oldest: number): void;
  /**
   * Attributes the words of a final to the past. Throws `attention/trace` where the reads of these words are not held.
   */
  attribute(final: TracedFinal): AttentionEvent | BinnedAttentionEvent;
  /** A picture of the memory, where it is time for another; `before` vectors were there before the chunk. */
  memoryEvent(before: number): MemoryEvent | undefined;
};

/** A final on its way to be traced. */
export type TracedFinal = {
  readonly words: readonly Word[];
  /** Index, from 0, of the vector where CTC placed each word. */ readonly vectors: readonly number[];
  /** Vectors there were when the utterance ended. */ readonly count: number;
  readonly attention: DecoderAttention | undefined;
};

/** The decoder's alignment for label number `label` over all live entries after `count` vectors, those that it did not see included. */
function decoderAlignment(
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

/** Traces words to single vectors: keeps the pooling weights of every merge, O(N), and the reads of the newest vectors. */
export class AttentionTrace implements StreamAttention {
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

  attribute({ words, vectors, count, attention }: TracedFinal): AttentionEvent {
    const traced = words.map((word, index): WordAttention => {
      const memory = this.#readAt(vectors[index]!);
      const decoder = attention && this.decoderAt(count, attention, index);
      return { ...word, memory, ...(decoder && { decoder }) };
    });
    return { type: 'attention', secondsPerVector: this.#engine.secondsPerVector, words: traced };
  }

  /** Pictures of the memory are for streams that do not end: see `BinnedTrace`. */
  memoryEvent(): undefined {
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

  /** Attention `[count]` of the decoder at label number `label` when `count` vectors were there. */
  decoderAt(count: number, attention: DecoderAttention, label: number): Float32Array {
    const { memory } = this.#engine.config;
    return attribute(memory, this.pooling, count, decoderAlignment(memory, count, attention, label));
  }
}

const KIND: SnapshotKind = { format: 'hearken-attention', version: 1 };

/** Seconds of audio from one picture of the memory to the next. */
const PICTURE_SECONDS = 0.2;

/** What a trace holds: node parts, and the alignments of reads at consecutive counts. */
type Held = { readonly pooling: PoolingParts; readonly reads: Map<number, Float32Array> };

/**
 * Traces words to bins of the past that are the longer the older they are, for streams that may go on for ever: it keeps
 * O(log N), and the reads of the utterance under way, and goes on from a snapshot.
 */
export class BinnedTrace implements StreamAttention {
  readonly pooling: PoolingParts;
  readonly #engine: Engine;
  readonly #reads: Map<number, Float32Array>;

  /**
   * Begins with a new stream, or with `snapshot` of one. Throws `snapshot/...` on bytes that are none of this model's.
   */
  constructor(engine: Engine, snapshot?: Uint8Array) {
    this.#engine = engine;
    const { memory } = engine.config;
    const held = snapshot && restore(engine, snapshot);
    this.pooling = held?.pooling ?? new PoolingParts(memory);
    this.#reads = held?.reads ?? new Map();
  }

  keepReads(alignments: readonly EntryAlignment[], oldest: number): void {
    for (const { count, weights } of alignments) this.#reads.set(count, weights);
    for (const count of this.#reads.keys()) if (count <= oldest) this.#reads.delete(count);
    this.pooling.forgetBefore(oldest);
  }

  attribute({ words, vectors, count, attention }: TracedFinal): BinnedAttentionEvent {
    const { memory } = this.#engine.config;
    const edges = pastEdges(memory, count);
    const traced = words.map((word, index): BinnedWordAttention => {
      const placed = vectors[index]! + 1;
      const read = joinParts(this.pooling.attribute(placed, this.#readAt(placed)), pastEdges(memory, placed), edges);
      if (attention === undefined) return { ...word, memory: read };
      const decoder = this.pooling.attribute(count, decoderAlignment(memory, count, attention, index));
      return { ...word, memory: read, decoder };
    });
    const seconds = edges.map((vector) => vector * this.#engine.secondsPerVector);
    return { type: 'binned-attention', edges: seconds, words: traced };
  }

  memoryEvent(before: number): MemoryEvent | undefined {
    const { config, secondsPerVector } = this.#engine;
    const count = Math.max(0, ...this.#reads.keys());
    const every = Math.max(1, Math.round(PICTURE_SECONDS / secondsPerVector));
    if (Math.floor(count / every) <= Math.floor(before / every)) return undefined;
    const shares = this.pooling.attribute(count, this.#readAt(count));
    let first = 0;
    const roots = pastRoots(config.memory, count).map(({ level, span, partCount }) => {
      const own = shares.subarray(first, first + partCount);
      first += partCount;
      return { level, start: span.start * secondsPerVector, end: span.end * secondsPerVector, shares: own };
    });
    return { type: 'memory', time: count * secondsPerVector, roots };
  }

  /** The alignment of the read when `count` vectors were there. */
  #readAt(count: number): Float32Array {
    const read = this.#reads.get(count);
    if (read !== undefined) return read;
    throw new HearkenError('attention/trace', `Expected a trace that holds the read after ${count} vectors, got none`);
  }

  /** As bytes, from which the trace of another process goes on. */
  snapshot(): Uint8Array<ArrayBuffer> {
    const { slots, leafFanIn } = this.#engine.config.memory;
    const runs = this.pooling.runs();
    const arrays = runs.map(
      ({ nodes }, index) =>
        [`parts.${index + 1}`, { shape: [nodes.length, slots, leafFanIn], data: concatenate(nodes) }] as const,
    );
    const counts = [...this.#reads.keys()].toSorted((a, b) => a - b);
    const reads = concatenate(counts.map((count) => this.#readAt(count)));
    return encodeSnapshot(
      KIND,
      { ...Object.fromEntries(arrays), reads: { shape: [reads.length], data: reads } },
      { model: this.#engine.fingerprint, first: JSON.stringify([counts[0] ?? 0, ...runs.map(({ first }) => first)]) },
    );
  }
}

function restore({ config: { memory }, fingerprint }: Engine, bytes: Uint8Array): Held {
  const { tensors, metadata } = decodeSnapshot(KIND, bytes);
  if (metadata['model'] !== fingerprint) {
    throw new HearkenError('snapshot/model', `Expected a snapshot of ${fingerprint}, got one of ${metadata['model']}`);
  }
  const floats = (name: string): Float32Array => {
    const data = tensors[name]?.data;
    if (data instanceof Float32Array) return data;
    throw new HearkenError('snapshot/tensor', `Expected floats \`${name}\`, got none`);
  };
  const [firstRead = 0, ...firstNodes] = parseFirst(metadata['first'] ?? '[]');
  const size = memory.slots * memory.leafFanIn;
  const runs = firstNodes.map((first, index) => ({ first, nodes: pieces(floats(`parts.${index + 1}`), () => size) }));
  const reads = pieces(floats('reads'), (index) => liveEntries(memory, firstRead + index).length);
  return {
    pooling: new PoolingParts(memory, runs),
    reads: new Map(reads.map((read, index) => [firstRead + index, read])),
  };
}

/**
 * The counts at which the reads and each level's nodes begin. Throws `snapshot/damaged` on what is no list of counts.
 */
function parseFirst(json: string): number[] {
  let first: unknown;
  try {
    first = JSON.parse(json);
  } catch {
    // Refused below.
  }
  if (Array.isArray(first) && first.every((count) => Number.isSafeInteger(count) && count >= 0))
    return first as number[]; // each was looked at
  throw new HearkenError('snapshot/damaged', 'Expected the counts at which a trace begins, got other JSON');
}

/** `data` in consecutive pieces of the given lengths. Throws `snapshot/tensor` where they do not end together. */
function pieces(data: Float32Array, lengthOf: (index: number) => number): Float32Array[] {
  const cut: Float32Array[] = [];
  for (let at = 0; at < data.length; ) {
    const length = lengthOf(cut.length);
    if (length === 0 || at + length > data.length) {
      throw new HearkenError('snapshot/tensor', `Expected whole rows, got ${data.length} numbers`);
    }
    cut.push(data.slice(at, at + length));
    at += length;
  }
  return cut;
}
