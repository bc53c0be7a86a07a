/**
 * The streaming form: vectors go in, merges happen as vectors leave the window, and every vector's read comes out, for
 * many streams at once. All leaf merges of all streams run as one call, then those of each higher level, then the reads.
 * Which nodes arise, and which of them a query sees, is the closed form of `schedule.ts`; so a chunk may hold any number
 * of vectors. Equals `naive.ts` at every prefix and for any chunking (`tests/memory/streaming.test.ts`).
 */
import type { Executor } from '../cell/executor.ts';
import { floatsNamed } from '../cell/rows.ts';
import { ArrayPool } from '../tensor/array-pool.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import type { MemoryConfig } from './config.ts';
import type { PoolingRecorder } from './pooling-log.ts';
import { endOfBlock, liveNodes, type Span } from './schedule.ts';
import {
  type MemoryRows,
  type MemoryState,
  type Entry,
  entryBias,
  liveEntries,
  MASKED,
  type SeenMemoryConfig,
  slotsOf,
} from './state.ts';
import { associateVectors } from './streamed-associations.ts';
import { keepLeaves, seekLeaves, type SoughtLeaves } from './streamed-leaves.ts';
import { beginUpdate, type MemoryUpdate, memoryAt, mergePendingNodes, copyRows } from './update.ts';

type MemoryRequest = {
  readonly state: MemoryState;
  /** The stream's next vectors, `[n, D]`, with their keys and values as cell `encode` gives them; n may be 0. */
  readonly chunk: MemoryRows;
  /** Keeps the pooling weights of every merge, and asks for the alignments of the reads: what attribution needs. */
  readonly log?: PoolingRecorder | undefined;
};

export type MemoryAdvance = MemoryRead & {
  /** The memory after the chunk. */ readonly state: MemoryState;
  /** The update from which the memory at any vector of the chunk can be made; see `memoryAt`. */
  readonly update: MemoryUpdate;
};

/**
 * Feeds each request's chunk to its memory and reads at every vector of it; result i belongs to request i. The given
 * states stay as they are, so that a failed call may be made again. `signal` is looked at before each cell runs.
 * Throws `memory/chunk` where a chunk's arrays are not whole rows of depth D, equally many.
 */
export async function advanceMemories(
  executor: Executor,
  config: SeenMemoryConfig,
  requests: readonly MemoryRequest[],
  signal?: AbortSignal,
): Promise<MemoryAdvance[]> {
  const updates = requests.map(({ state, chunk, log }) => beginUpdate(config, state, chunk, log));
  await mergePendingNodes(executor, config, updates, signal);
  const associated = await associateVectors(executor, config, requests, signal);
  const sought = await seekLeaves(executor, config, requests, updates, signal);
  const beside = { recalled: associated?.map((each) => each.recalled), leaves: sought?.map((each) => each.leaves) };
  const reads = await readVectors(executor, config, updates, beside, signal);
  return reads.map((read, stream) => {
    const update = updates[stream]!; // one for each
    const sums = associated?.[stream]?.sums;
    const cold = sought?.[stream]?.cold;
    const state = memoryAt(config, update, update.after);
    return { ...read, update, state: { ...state, ...(sums && { sums }), ...(cold && { cold }) } };
  });
}

/** Feeds each request's chunk to its memory, as `advanceMemories` does, and reads nothing: where no vector of a chunk asks anything. */
export async function growMemories(
  executor: Executor,
  config: MemoryConfig,
  requests: readonly MemoryRequest[],
  signal?: AbortSignal,
): Promise<MemoryState[]> {
  const updates = requests.map(({ state, chunk, log }) => beginUpdate(config, state, chunk, log));
  await mergePendingNodes(executor, config, updates, signal);
  return updates.map((update, index) => {
    const cold = keepLeaves(config, requests[index]!.state, update); // one for each
    return { ...memoryAt(config, update, update.after), ...(cold && { cold }) };
  });
}

type MemoryRead = {
  /**
   * Outputs of cell `read` for every vector of the chunk, but the alignment: `[n, ...]` by name; empty for n = 0. Views of
   * the call's outputs where one call gave all.
   */
  readonly outputs: HostArrays;
  /** Alignment of the read of every vector of the chunk, where a log was given; else empty. */
  readonly alignments: readonly EntryAlignment[];
};

/** Attention of the read at vector number `count` (from 1) over the memory's entries. */
export type EntryAlignment = {
  readonly count: number;
  readonly live: readonly Entry[];
  /** `[E]`, mean over the heads; they sum to 1. */ readonly weights: Float32Array;
};

/** Queries that share one row of a call: they attend over the union of their entries, each masked to its own. */
const QUERIES_PER_ROW = 64;
const ROWS_PER_CALL = 16;
/** Numbers of keys and values that a call of several rows takes at most: what a core's cache holds. Beyond it a call costs more than two. */
const NUMBERS_PER_CALL = 1 << 19;

/** A call's inputs, which no one reads after it. */
type OwnInputs = Readonly<Record<string, HostArray & { readonly data: Float32Array<ArrayBuffer> }>>;

/** Inputs of calls that have ended. */
const pool = new ArrayPool();

/** What the queries of each stream read beside the entries of its tree, where the memory has it. */
type Beside = {
  readonly recalled: readonly Float32Array[] | undefined;
  readonly leaves: readonly SoughtLeaves[] | undefined;
};

/** Consecutive queries of one stream, the rows of each level that any of them sees, and the leaves. */
type Row = {
  readonly stream: number;
  readonly queries: Span;
  readonly levels: readonly Span[];
  readonly leaves: readonly number[];
  readonly entries: number;
};

/** Reads at every vector of the chunks, those of all streams together. Result i belongs to growth i. */
async function readVectors(
  executor: Executor,
  config: SeenMemoryConfig,
  updates: readonly MemoryUpdate[],
  beside: Beside,
  signal?: AbortSignal,
): Promise<MemoryRead[]> {
  const rows = updates.flatMap((update, stream) => rowsOf(config, update, stream, beside.leaves?.[stream]));
  rows.sort((a, b) => b.queries.end - b.queries.start - (a.queries.end - a.queries.start)); // like sizes, little padding
  const reads = updates.map(() => ({ outputs: {} as Record<string, HostArray>, alignments: [] as EntryAlignment[] }));
  for (const batch of batchesOf(config, rows)) {
    signal?.throwIfAborted();
    const inputs = readInputs(config, updates, batch, beside);
    const arrays = Object.values(inputs).map(({ data }) => data);
    const outputs = await pool.lend(arrays, () => executor.run('read', inputs));
    for (const [index, row] of batch.entries()) {
      const update = updates[row.stream]!; // rows were made of growths, and reads one for each
      const read = reads[row.stream]!;
      copyOutputs(outputs, index, row, update, read.outputs);
      if (update.log !== undefined) read.alignments.push(...alignmentsOf(config, outputs, index, row));
    }
  }
  for (const { alignments } of reads) alignments.sort((a, b) => a.count - b.count);
  return reads;
}

function rowsOf(
  config: MemoryConfig,
  { before, after }: MemoryUpdate,
  stream: number,
  sought: SoughtLeaves | undefined,
): Row[] {
  const rows: Row[] = [];
  for (let first = before; first < after; first += QUERIES_PER_ROW) {
    const queries = { start: first, end: Math.min(first + QUERIES_PER_ROW, after) };
    const oldest = liveNodes(config, first + 1);
    const levels = liveNodes(config, queries.end).map(({ end }, level) => {
      const slots = slotsOf(config, level);
      return { start: (oldest[level]?.start ?? 0) * slots, end: end * slots };
    });
    const leaves = sought?.foundBy(queries) ?? [];
    const entries = levels.reduce((sum, { start, end }) => sum + end - start, leaves.length);
    rows.push({ stream, queries, levels, leaves, entries });
  }
  return rows;
}

/** `rows`, in their order, as calls. */
function batchesOf({ depth }: MemoryConfig, rows: readonly Row[]): Row[][] {
  const batches: Row[][] = [];
  let [batch, widest]: [Row[], number] = [[], 0];
  for (const row of rows) {
    widest = Math.max(widest, row.entries);
    const isFull = batch.length === ROWS_PER_CALL || 2 * widest * depth * (batch.length + 1) > NUMBERS_PER_CALL;
    if (batch.length === 0 || isFull) {
      batches.push((batch = []));
      widest = row.entries;
    }
    batch.push(row);
  }
  return batches;
}

function readInputs(
  config: SeenMemoryConfig,
  updates: readonly MemoryUpdate[],
  batch: readonly Row[],
  { recalled, leaves }: Beside,
): OwnInputs {
  const { depth } = config;
  const queryCount = Math.max(...batch.map(({ queries }) => queries.end - queries.start));
  const entryCount = Math.max(...batch.map(({ entries }) => entries));
  const queries = pool.take(batch.length * queryCount * depth);
  const keys = pool.take(batch.length * entryCount * depth);
  const values = pool.take(keys.length);
  const bias = pool.take(batch.length * queryCount * entryCount).fill(MASKED);
  for (const [index, row] of batch.entries()) {
    const update = updates[row.stream]!; // rows were made of growths
    copyRows(config, update, 'vectors', 0, row.queries, queries.subarray(index * queryCount * depth));
    let offset = index * entryCount;
    for (const [level, range] of row.levels.entries()) {
      copyRows(config, update, 'keys', level, range, keys.subarray(offset * depth));
      copyRows(config, update, 'values', level, range, values.subarray(offset * depth));
      offset += range.end - range.start;
    }
    const sought = leaves?.[row.stream];
    sought?.copy(row.leaves, keys.subarray(offset * depth), values.subarray(offset * depth));
    offset += row.leaves.length;
    // What is masked must be finite all the same.
    queries.fill(
      0,
      (index * queryCount + row.queries.end - row.queries.start) * depth,
      (index + 1) * queryCount * depth,
    );
    keys.fill(0, offset * depth, (index + 1) * entryCount * depth);
    values.fill(0, offset * depth, (index + 1) * entryCount * depth);
    const own = bias.subarray(index * queryCount * entryCount);
    fillBias(config, row, entryCount, own);
    if (sought !== undefined) uncoverLeaves(row, entryCount, own, sought);
  }
  return {
    queries: { shape: [batch.length, queryCount, depth], data: queries },
    keys: { shape: [batch.length, entryCount, depth], data: keys },
    values: { shape: [batch.length, entryCount, depth], data: values },
    bias: { shape: [batch.length, queryCount, entryCount], data: bias },
    ...(recalled === undefined ? {} : { recalled: recalledInput(config, updates, batch, recalled, queryCount) }),
  };
}

/** What the associative channel recalled at the queries of `batch`: `[B, Q, D]`. */
function recalledInput(
  { depth }: MemoryConfig,
  updates: readonly MemoryUpdate[],
  batch: readonly Row[],
  recalled: readonly Float32Array[],
  queryCount: number,
): OwnInputs[string] {
  const data = pool.take(batch.length * queryCount * depth).fill(0);
  for (const [index, { stream, queries }] of batch.entries()) {
    const { before } = updates[stream]!; // rows were made of growths, and what was recalled is of each
    const own = recalled[stream]!.subarray((queries.start - before) * depth, (queries.end - before) * depth);
    data.set(own, index * queryCount * depth);
  }
  return { shape: [batch.length, queryCount, depth], data };
}

/**
 * Uncovers in `bias`, of shape `[Q, E]`, the entries that are live at each query. The queries of a block have the same, but for the newest
 * vector that each sees.
 */
function fillBias(config: SeenMemoryConfig, { queries, levels }: Row, entryCount: number, bias: Float32Array): void {
  let blockEnd = 0;
  for (let query = queries.start; query < queries.end; query++) {
    const first = (query - queries.start) * entryCount;
    const count = query + 1;
    if (count < blockEnd) {
      bias.copyWithin(first, first - entryCount, first);
      bias[first + query - levels[0]!.start] = entryBias(config, 0); // a row has the level of vectors
      continue;
    }
    blockEnd = endOfBlock(config, count);
    const live = liveNodes(config, count);
    let offset = first;
    for (const [level, range] of levels.entries()) {
      const slots = slotsOf(config, level);
      const { start, end } = live[level] ?? { start: 0, end: 0 };
      const uncovered = offset - range.start;
      bias.fill(entryBias(config, level), uncovered + start * slots, uncovered + end * slots);
      offset += range.end - range.start;
    }
  }
}

/** Uncovers in `bias`, of shape `[Q, E]`, the leaves that each query has found; they stand behind the entries of all levels. */
function uncoverLeaves(
  { queries, levels, leaves }: Row,
  entryCount: number,
  bias: Float32Array,
  sought: SoughtLeaves,
): void {
  const first = levels.reduce((sum, { start, end }) => sum + end - start, 0);
  const places = new Map(leaves.map((leaf, place) => [leaf, first + place] as const));
  for (let query = queries.start; query < queries.end; query++) {
    const row = (query - queries.start) * entryCount;
    for (const leaf of sought.foundAt(query)) bias[row + places.get(leaf)!] = 0; // it is of all that were found
  }
}

function copyOutputs(
  outputs: HostArrays,
  index: number,
  { queries }: Row,
  { before, after }: MemoryUpdate,
  read: Record<string, HostArray>,
): void {
  for (const [name, { shape }] of Object.entries(outputs)) {
    if (name === 'alignment') continue;
    const [, queryCount = 0, ...rest] = shape;
    const width = rest.reduce((size, axis) => size * axis, 1);
    const from = index * queryCount * width;
    const length = (queries.end - queries.start) * width;
    const own = floatsNamed(outputs, name).subarray(from, from + length);
    const rowShape = [after - before, ...rest];
    if (queries.end - queries.start === after - before) {
      read[name] = { shape: rowShape, data: own }; // all of the stream's
    } else {
      const target = (read[name] ??= { shape: rowShape, data: new Float32Array((after - before) * width) });
      target.data.set(own, (queries.start - before) * width);
    }
  }
}

function alignmentsOf(config: MemoryConfig, outputs: HostArrays, index: number, row: Row): EntryAlignment[] {
  const { queries, levels } = row;
  const alignment = floatsNamed(outputs, 'alignment');
  const [, queryCount = 0, entryCount = 0] = outputs['alignment']?.shape ?? [];
  const firstColumns: number[] = []; // column of row 0 of each level, were it there
  let columns = 0;
  for (const { start, end } of levels) {
    firstColumns.push(columns - start);
    columns += end - start;
  }
  return Array.from({ length: queries.end - queries.start }, (_, offset) => {
    const count = queries.start + offset + 1;
    const live = liveEntries(config, count);
    const first = (index * queryCount + offset) * entryCount;
    const weights = Float32Array.from(
      live,
      ({ level, row: entryRow }) => alignment[first + firstColumns[level]! + entryRow]!,
    );
    return { count, live, weights };
  });
}
