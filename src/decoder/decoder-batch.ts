/**
 * The attention decoder for many utterances at once: the hypotheses of all of them are rows of one call of `decodeStep`,
 * each over the entries of its own utterance. Utterances with fewer entries than the longest are padded by entries that
 * are masked.
 */
import type { Executor } from '../cell/executor.ts';
import { arrayNamed, floatsNamed } from '../cell/rows.ts';
import type { TensorSpec } from '../cell/tensor-spec.ts';
import { MASKED } from '../memory/state.ts';
import { ArrayPool } from '../tensor/array-pool.ts';
import { concatenate } from '../tensor/concatenate.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { DecoderStep } from './beam-search.ts';

/** The memory's entries that the attention decoder reads for one utterance: E entries of depth D. */
export type DecoderEntries = {
  /** `[E, D]` */ readonly entries: Float32Array;
  /** `[E]`: 0 or a log-mass. */ readonly bias: Float32Array;
  /** The state before the first step, where it is not zeros. */ readonly start?: DecoderRowState | undefined;
};

/** Entries with the decoder's keys of them: all that stays the same from step to step. */
export type DecoderMemory = DecoderEntries & {
  /** `[E, K]` */ readonly keys: Float32Array;
};

/**
 * State that a hypothesis carries from step to step: the rows of the `state.*` arrays; absent before the first step.
 */
export type DecoderRowState = Readonly<Record<string, Float32Array>>;

/** A hypothesis that is to be extended: its newest label (0 at the start), and what the step that wrote it left. */
type DecoderRow = { readonly token: number; readonly state: DecoderRowState | undefined };

/** Hypotheses of one utterance. */
export type DecoderRequest = { readonly memory: DecoderMemory; readonly rows: readonly DecoderRow[] };

/** Outputs of a step for one hypothesis; views of the call's outputs. */
export type DecodedRow = {
  /** `[L + 1]`: of what comes next; the first is the end. */ readonly logProbabilities: Float32Array;
  /** `[E]`: where the step looked. */ readonly alignment: Float32Array;
  readonly state: DecoderRowState;
};

/** Rows of one call at most: 16 utterances' beams. */
const ROWS_PER_CALL = 256;

/** Projects the entries of all utterances in one call; result i belongs to `utterances[i]`. */
export async function prepareDecoder(
  executor: Executor,
  utterances: readonly DecoderEntries[],
): Promise<DecoderMemory[]> {
  if (utterances.length === 0) return [];
  const { entryCount, depth } = extentOf(utterances);
  const entries = new Float32Array(utterances.length * entryCount * depth);
  for (const [index, utterance] of utterances.entries()) entries.set(utterance.entries, index * entryCount * depth);
  const shape = [utterances.length, entryCount, depth];
  const outputs = await executor.run('decodePrepare', { entries: { shape, data: entries } });
  const keys = floatsNamed(outputs, 'keys');
  const size = keys.length / utterances.length;
  return utterances.map((utterance, index) => {
    const own = (size / entryCount) * utterance.bias.length;
    return { ...utterance, keys: keys.slice(index * size, index * size + own) };
  });
}

/** A runner of steps for the utterances of one lockstep. */
export type DecoderSteps = {
  /** Answer i are the rows of request i. */
  readonly run: (requests: readonly DecoderRequest[]) => Promise<DecodedRow[][]>;
  /** Ends the steps; called when all are done. */ readonly end: () => void;
};

export function decoderSteps(executor: Executor, signal?: AbortSignal): DecoderSteps {
  let memoryRows: MemoryRows | undefined;
  const run: DecoderSteps['run'] = async (requests) => {
    const specs = await executor.inputs('decodeStep');
    const answers: DecodedRow[][] = [];
    for (const batch of batchesOf(requests)) {
      signal?.throwIfAborted();
      memoryRows = fill(memoryRows, batch);
      answers.push(...(await step(executor, specs, batch, memoryRows)));
    }
    return answers;
  };
  return { run, end: () => letGo(memoryRows) };
}

function* batchesOf(requests: readonly DecoderRequest[]): Generator<DecoderRequest[]> {
  let batch: DecoderRequest[] = [];
  let count = 0;
  for (const request of requests) {
    if (batch.length > 0 && count + request.rows.length > ROWS_PER_CALL) {
      yield batch;
      batch = [];
      count = 0;
    }
    batch.push(request);
    count += request.rows.length;
  }
  if (batch.length > 0) yield batch;
}

/** Room for the memories of a call's rows, which goes from call to call: a row that stays is not written again. */
type MemoryRows = {
  /** E of the utterance that has the most. */ readonly entryCount: number;
  readonly depth: number;
  readonly keyDepth: number;
  /** Memory of the utterance in each row of the call. */ readonly held: (DecoderMemory | undefined)[];
  /** `[rows, E, K]`, `[rows, E, D]` and `[rows, E]`. */ readonly keys: Float32Array<ArrayBuffer>;
  readonly values: Float32Array<ArrayBuffer>;
  readonly bias: Float32Array<ArrayBuffer>;
};

/** Inputs of calls that have ended. */
const pool = new ArrayPool();

function letGo(rows: MemoryRows | undefined): void {
  if (rows === undefined) return;
  for (const array of [rows.keys, rows.values, rows.bias]) pool.give(array);
}

/** Room for at least `rowCount` rows over the entries of `memories`: `before` where it will do. */
function roomFor(memories: readonly DecoderMemory[], rowCount: number, before: MemoryRows | undefined): MemoryRows {
  const { entryCount, depth } = extentOf(memories);
  if (before !== undefined && before.held.length >= rowCount && before.entryCount === entryCount) return before;
  letGo(before);
  const keyDepth = (memories[0]?.keys.length ?? 0) / (memories[0]?.bias.length ?? 1);
  const capacity = Math.max(rowCount, Math.min(2 * rowCount, ROWS_PER_CALL)); // beams widen from a single row
  return {
    entryCount,
    depth,
    keyDepth,
    held: new Array<DecoderMemory | undefined>(capacity).fill(undefined),
    keys: pool.take(capacity * entryCount * keyDepth),
    values: pool.take(capacity * entryCount * depth),
    bias: pool.take(capacity * entryCount),
  };
}

/** The rows of `batch`, each with the memory of its utterance; what is beyond a memory's entries is masked. */
function fill(before: MemoryRows | undefined, batch: readonly DecoderRequest[]): MemoryRows {
  const memories = batch.flatMap(({ memory, rows }) => rows.map(() => memory));
  const room = roomFor(memories, memories.length, before);
  const { entryCount, depth, keyDepth, held, keys, values, bias } = room;
  for (const [row, memory] of memories.entries()) {
    if (held[row] === memory) continue;
    held[row] = memory;
    setAndClear(keys, memory.keys, row * entryCount * keyDepth, (row + 1) * entryCount * keyDepth);
    setAndClear(values, memory.entries, row * entryCount * depth, (row + 1) * entryCount * depth);
    bias.fill(MASKED, row * entryCount, (row + 1) * entryCount).set(memory.bias, row * entryCount);
  }
  return room;
}

/** `target[start, end)` becomes `values` and then zeros: what is masked must be finite all the same. */
function setAndClear(target: Float32Array, values: Float32Array, start: number, end: number): void {
  target.set(values, start);
  target.fill(0, start + values.length, end);
}

function memoryInputs({ entryCount, depth, keyDepth, keys, values, bias }: MemoryRows, rowCount: number): HostArrays {
  const rows = (data: Float32Array, ...rowShape: readonly number[]): HostArray => ({
    shape: [rowCount, ...rowShape],
    data: data.subarray(0, rowCount * sizeOf(rowShape)),
  });
  return {
    keys: rows(keys, entryCount, keyDepth),
    values: rows(values, entryCount, depth),
    bias: rows(bias, entryCount),
  };
}

async function step(
  executor: Executor,
  specs: Readonly<Record<string, TensorSpec>>,
  batch: readonly DecoderRequest[],
  memoryRows: MemoryRows,
): Promise<DecodedRow[][]> {
  const { entryCount } = memoryRows;
  const rows = batch.flatMap((request) => request.rows);
  const token = { shape: [rows.length], data: Int32Array.from(rows, (row) => row.token) };
  const states = Object.entries(specs).filter(([name]) => name.startsWith('state.'));
  const before = batch.flatMap(({ memory, rows: own }) => own.map(({ state = memory.start }) => state));
  const inherited = states.map(([name, spec]) => [name, stateOf(name, widthOf(spec, entryCount), before)] as const);
  const outputs = await executor.run('decodeStep', {
    token,
    ...memoryInputs(memoryRows, rows.length),
    ...Object.fromEntries(inherited),
  });
  const widths = Object.fromEntries(states.map(([name, spec]) => [name, hasEntries(spec) ? undefined : widthOf(spec)]));
  let row = 0;
  return batch.map(({ memory, rows: own }) =>
    own.map((): DecodedRow => {
      const index = row++;
      const view = (name: string, width = memory.bias.length): Float32Array =>
        rowOf(arrayNamed(outputs, name), floatsNamed(outputs, name), index, width);
      return {
        logProbabilities: view('logProbabilities', Number.POSITIVE_INFINITY),
        alignment: view('alignment'),
        state: Object.fromEntries(states.map(([name]) => [name, view(name, widths[name])])),
      };
    }),
  );
}

/** State `name` of all rows, `[B, width]`: zeros where there is none yet, and beyond an utterance's own entries. */
function stateOf(name: string, width: number, before: readonly (DecoderRowState | undefined)[]): HostArray {
  const data = new Float32Array(before.length * width);
  for (const [index, state] of before.entries()) {
    const own = state?.[name];
    if (own !== undefined) data.set(own, index * width);
  }
  return { shape: [before.length, width], data };
}

/** Whether rows of a state reach over the entries. */
function hasEntries({ shape }: TensorSpec): boolean {
  return shape[1] === 'E';
}

function widthOf({ shape }: TensorSpec, entryCount = 0): number {
  return typeof shape[1] === 'number' ? shape[1] : entryCount;
}

/** Row `index` of `[B, n]`, at most its first `width` numbers. */
function rowOf({ shape }: HostArray, data: Float32Array, index: number, width: number): Float32Array {
  const full = shape[1]!;
  return data.subarray(index * full, index * full + Math.min(full, width));
}

function extentOf(utterances: readonly DecoderEntries[]): { entryCount: number; depth: number } {
  const [first] = utterances;
  return {
    entryCount: Math.max(...utterances.map(({ bias }) => bias.length)),
    depth: (first?.entries.length ?? 0) / (first?.bias.length ?? 1),
  };
}

/** A label sequence that some hypothesis begins with. */
type Prefix = {
  readonly token: number;
  /** The prefix without its last label; none for the start. */ readonly parent: Prefix | undefined;
  readonly extended: Map<number, Prefix>;
  /** Outputs of the decoder for the prefix, once it was run. */ decoded: DecodedRow | undefined;
};

/**
 * Searches over one utterance that share what they have in common: each prefix is a row of `decode` once, whichever
 * search and whichever hypothesis comes to it. So candidates of CTC's that the attention decoder's own beam went through
 * cost nothing more, and the others only from where they part.
 *
 * What is returned opens a search, from the decoder's start.
 */
export function sharePrefixes(
  decode: (rows: readonly DecoderRow[]) => Promise<readonly DecodedRow[]>,
): () => DecoderStep {
  const start = prefixOf(0, undefined);
  return () => {
    let hypotheses: readonly Prefix[] = [];
    return async (tokens, parents) => {
      hypotheses = Array.from(tokens, (token, index) => {
        const parent = hypotheses[parents[index]!];
        return parent === undefined ? start : extend(parent, token);
      });
      const undecoded = [...new Set(hypotheses.filter(({ decoded }) => decoded === undefined))];
      if (undecoded.length > 0) {
        const rows = await decode(undecoded.map(({ token, parent }) => ({ token, state: parent?.decoded?.state })));
        for (const [index, prefix] of undecoded.entries()) prefix.decoded = rows[index];
      }
      const decoded = hypotheses.map((prefix) => prefix.decoded!); // just made, or before
      const logProbabilities = decoded.map((row) => row.logProbabilities);
      return {
        logProbabilities: { width: logProbabilities[0]?.length ?? 0, data: concatenate(logProbabilities) },
        alignment: concatenate(decoded.map(({ alignment }) => alignment)),
      };
    };
  };
}

function prefixOf(token: number, parent: Prefix | undefined): Prefix {
  return { token, parent, extended: new Map(), decoded: undefined };
}

function extend(parent: Prefix, token: number): Prefix {
  const known = parent.extended.get(token) ?? prefixOf(token, parent);
  parent.extended.set(token, known);
  return known;
}
