/**
 * The path of an influence, measured: two streams run side by side that differ in one vector of the past, and every module that gives another
 * number in one than in the other is counted.
 */
import type { Executor } from '../../src/cell/executor.ts';
import { floatsNamed } from '../../src/cell/rows.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { emptyMemory, type MemoryRows, type MemoryState } from '../../src/memory/state.ts';
import { advanceMemories, type MemoryAdvance } from '../../src/memory/streaming.ts';
import { beginUpdate, memoryAt, mergePendingNodes, type MemoryUpdate } from '../../src/memory/update.ts';

export type Influence = {
  /** Vectors between the one that was changed and the one that reads. */ readonly distance: number;
  /** Nodes, ever made, that are not the same in both streams. */ readonly summaries: number;
  /** Live nodes, and vectors of the window, that are not the same when the last vector reads. */
  readonly changedEntries: number;
  /** Largest difference of the last vector's read. */ readonly outputChange: number;
  /** Attention modules that the influence passes: those summaries, and the read, which attends to what changed. */
  readonly modules: number;
};

export type InfluenceOptions = {
  readonly executor: Executor;
  readonly config: MemoryConfig;
  /** The vectors `start` to `end` of the stream, `[end - start, D]`. */
  readonly vectorsAt: (start: number, end: number) => Float32Array;
  /** N: the vector that reads at the end. */ readonly length: number;
  /** How many vectors before it the changed ones lie, 1 to N - 1. */ readonly distances: readonly number[];
};

/** Added to each number of the vector that is changed. */
const CHANGE = 8;
/** Vectors taken in at a time. */
const CHUNK = 4_096;

type Stream = { state: MemoryState; readonly distance: number; summaries: number };

/** The influence on the read of vector N of the vector at each of `distances` before it. */
export async function measureInfluence(options: InfluenceOptions): Promise<Influence[]> {
  const { length, distances } = options;
  const last = length - 1;
  const places = new Set(distances.map((distance) => last - distance));
  const streams: Stream[] = [{ state: emptyMemory(), distance: 0, summaries: 0 }];
  for (let start = 0; start < last; ) {
    const isChanged = places.has(start);
    const next = [...places].filter((place) => place > start);
    const end = isChanged ? start + 1 : Math.min(start + CHUNK, last, ...next);
    const vectors = options.vectorsAt(start, end);
    const changed = vectors.map((value) => value + CHANGE);
    const distance = last - start;
    if (isChanged) streams.push({ ...streams[0]!, distance }); // one is there from the beginning
    await advance(options, streams, (stream) => (isChanged && stream.distance === distance ? changed : vectors));
    start = end;
  }
  return readLast(options, streams);
}

/** Takes in the next vectors of every stream, and counts the new nodes that are not those of the first. */
async function advance(
  { executor, config }: InfluenceOptions,
  streams: readonly Stream[],
  vectorsOf: (stream: Stream) => Float32Array,
): Promise<void> {
  const updates: MemoryUpdate[] = [];
  for (const stream of streams) {
    updates.push(beginUpdate(config, stream.state, await chunkOf(executor, config, vectorsOf(stream))));
  }
  await mergePendingNodes(executor, config, updates);
  countChangedNodes(streams, updates);
  for (const [index, stream] of streams.entries()) {
    const update = updates[index]!; // one for each
    stream.state = memoryAt(config, update, update.after);
  }
}

/** Counts for each stream the nodes that its update made and that are not those of the first stream. */
function countChangedNodes(streams: readonly Stream[], updates: readonly MemoryUpdate[]): void {
  for (const [index, stream] of streams.entries()) {
    for (const [level, { nodes }] of updates[index]!.levels.entries()) {
      const held = stream.state.levels[level]?.length ?? 0;
      const plain = updates[0]!.levels[level]!.nodes; // streams have nodes in the same places
      stream.summaries += nodes.filter((node, place) => place >= held && !isSame(node, plain[place])).length;
    }
  }
}

async function chunkOf(executor: Executor, { depth }: MemoryConfig, vectors: Float32Array): Promise<MemoryRows> {
  const inputs = { vectors: { shape: [1, vectors.length / depth, depth], data: vectors } };
  const outputs = await executor.run('project', inputs);
  return { vectors, keys: floatsNamed(outputs, 'keys'), values: floatsNamed(outputs, 'values') };
}

/** The last vector comes and reads, in every stream. */
async function readLast(
  { executor, config, vectorsAt, length }: InfluenceOptions,
  streams: readonly Stream[],
): Promise<Influence[]> {
  const chunk = await chunkOf(executor, config, vectorsAt(length - 1, length));
  const requests = streams.map(({ state }) => ({ state, chunk }));
  const advanced = await advanceMemories(executor, config, requests);
  const updates = advanced.map(({ update }) => update);
  countChangedNodes(streams, updates);
  const [plain] = advanced as [MemoryAdvance, ...MemoryAdvance[]]; // one for each, and there is the first
  const outputs = floatsNamed(plain.outputs, 'outputs');
  return streams.slice(1).map(({ distance, summaries }, index) => {
    const { state, outputs: got } = advanced[index + 1]!;
    const changedEntries = countChanged(config, state, plain.state);
    const own = floatsNamed(got, 'outputs');
    const outputChange = own.reduce((worst, value, place) => Math.max(worst, Math.abs(value - outputs[place]!)), 0);
    return { distance, summaries, changedEntries, outputChange, modules: summaries + (changedEntries > 0 ? 1 : 0) };
  });
}

/** Live nodes, and vectors of the window, of `state` that are not those of `other`. */
function countChanged({ depth }: MemoryConfig, state: MemoryState, other: MemoryState): number {
  const nodes = state.levels.flatMap((level, index) =>
    level.filter((node, place) => !isSame(node, other.levels[index]?.[place])),
  );
  const { vectors } = state.window;
  const places = Array.from({ length: vectors.length / depth }, (_, row) => row * depth);
  const rows = places.filter((place) =>
    vectors.subarray(place, place + depth).some((value, offset) => value !== other.window.vectors[place + offset]),
  );
  return nodes.length + rows.length;
}

function isSame({ vectors }: MemoryRows, other: MemoryRows | undefined): boolean {
  return other !== undefined && vectors.every((value, index) => value === other.vectors[index]);
}
