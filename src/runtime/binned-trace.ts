import { HearkenError } from '../errors.ts';
import { liveEntries } from '../memory/entries.ts';
import { joinParts, pastEdges, pastRoots } from '../memory/past-parts.ts';
import { PoolingParts } from '../memory/pooling-parts.ts';
import type { EntryAlignment } from '../memory/read-vectors.ts';
import { concatenate } from '../tensor/concatenate.ts';
import { decodeSnapshot, encodeSnapshot, type SnapshotKind } from '../tensor/snapshot.ts';
import type { Engine } from './engine.ts';
import type { BinnedAttentionEvent, BinnedWordAttention, MemoryEvent } from './event.ts';
import { decoderAlignment, type StreamTrace, type TracedFinal } from './stream-trace.ts';

const KIND: SnapshotKind = { format: 'hearken-attention', version: 1 };

/** From one picture of the memory to the next. */
const PICTURE_SECONDS = 0.2;

/** What a trace keeps: node parts, and the alignments of reads at consecutive counts. */
type Held = { readonly pooling: PoolingParts; readonly reads: Map<number, Float32Array> };

/**
 * Traces words to bins of the past that are the longer the older they are, for streams that may go on for ever: it keeps
 * O(log N), and the reads of the utterance under way, and goes on from a snapshot.
 */
export class BinnedTrace implements StreamTrace {
  readonly pooling: PoolingParts;
  readonly #engine: Engine;
  readonly #reads: Map<number, Float32Array>;

  /** Of a new stream, or as a snapshot left it. Throws `snapshot/...` on bytes that are none of this model's. */
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

  rest({ words, vectors, count, attention }: TracedFinal): BinnedAttentionEvent {
    const { memory } = this.#engine.config;
    const edges = pastEdges(memory, count);
    const traced = words.map((word, index): BinnedWordAttention => {
      const placed = (vectors[index] ?? 0) + 1;
      const read = joinParts(this.pooling.attribute(placed, this.#readAt(placed)), pastEdges(memory, placed), edges);
      if (attention === undefined) return { ...word, memory: read };
      const decoder = this.pooling.attribute(count, decoderAlignment(memory, count, attention, index));
      return { ...word, memory: read, decoder };
    });
    const seconds = edges.map((vector) => vector * this.#engine.secondsPerVector);
    return { type: 'binned-attention', edges: seconds, words: traced };
  }

  picture(before: number): MemoryEvent | undefined {
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

/** Where the reads and each level's nodes begin. Throws `snapshot/damaged` on what is no list of counts. */
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
