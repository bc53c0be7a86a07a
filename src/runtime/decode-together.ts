/**
 * The attention decoder for many utterances at once: the hypotheses of all of them are rows of one call of `decodeStep`,
 * each over the entries of its own utterance. Utterances with fewer entries than the longest are padded by entries that
 * are masked.
 */
import { MASKED } from '../memory/entries.ts';
import type { TensorSpec } from '../model/cell.ts';
import type { DecoderStepResult } from '../search/decoder-step.ts';
import type { HostArray, HostArrays } from '../tensor/host-array.ts';
import { sizeOf } from '../tensor/shape.ts';
import type { Executor } from './executor.ts';
import { arrayNamed, floatsNamed } from './rows.ts';
import { zeroStates } from './zero-states.ts';

/** What the attention decoder reads of one utterance: E entries of depth D. */
export type DecoderEntries = {
  /** `[E, D]` */ readonly entries: Float32Array;
  /** `[E]`: 0 or a log-mass. */ readonly bias: Float32Array;
};

/** Entries with the decoder's keys of them: all that stays the same from step to step. */
export type DecoderMemory = DecoderEntries & {
  /** `[E, K]` */ readonly keys: Float32Array;
  /** The `state.*` arrays before the first step, `[1, ...]`. */ readonly start: HostArrays;
};

/** One step of B hypotheses of one utterance; see `DecoderStep`. */
export type DecoderStepRequest = {
  readonly memory: DecoderMemory;
  /** The `state.*` arrays that the step before left, or the memory's `start`. */ readonly states: HostArrays;
  readonly tokens: Int32Array;
  readonly parents: Int32Array;
};

export type DecoderStepAnswer = DecoderStepResult & { readonly states: HostArrays };

/** Rows of one call at most: 16 utterances' beams. */
const ROWS_PER_CALL = 256;

/** Projects the entries of all utterances in one call; result i belongs to `utterances[i]`. */
export async function prepareDecoder(
  executor: Executor,
  utterances: readonly DecoderEntries[],
): Promise<DecoderMemory[]> {
  if (utterances.length === 0) return [];
  const specs = await executor.inputs('decodeStep');
  const longest = longestOf(utterances);
  const depth = depthOf(utterances);
  const entries = new Float32Array(utterances.length * longest * depth);
  for (const [index, utterance] of utterances.entries()) entries.set(utterance.entries, index * longest * depth);
  const shape = [utterances.length, longest, depth];
  const keys = arrayNamed(await executor.run('decodePrepare', { entries: { shape, data: entries } }), 'keys');
  const keyDepth = keys.shape[2] ?? 0;
  return utterances.map((utterance, index) => {
    const first = index * longest * keyDepth;
    const count = utterance.bias.length;
    const own = keys.data.slice(first, first + count * keyDepth) as Float32Array; // keys are floats: the cell says so
    return { ...utterance, keys: own, start: zeroStates(specs, { B: 1, E: count }) };
  });
}

/** A runner of steps for the utterances of one lockstep; answer i belongs to request i. */
export function decoderSteps(
  executor: Executor,
  signal?: AbortSignal,
): (requests: readonly DecoderStepRequest[]) => Promise<DecoderStepAnswer[]> {
  let arranged: Arrangement | undefined;
  return async (requests) => {
    const specs = await executor.inputs('decodeStep');
    const answers: DecoderStepAnswer[] = [];
    for (const batch of batchesOf(requests)) {
      signal?.throwIfAborted();
      arranged = arrangementOf(batch, arranged);
      answers.push(...(await step(executor, specs, batch, arranged)));
    }
    return answers;
  };
}

/** The rows of a call's memory: they stay the same as long as the beams of the same utterances keep their sizes. */
type Arrangement = {
  readonly memories: readonly DecoderMemory[];
  readonly sizes: readonly number[];
  /** B: rows of the call. */ readonly rows: number;
  /** E of the longest utterance. */ readonly entryCount: number;
  /** `keys`, `values` and `bias` of all rows. */ readonly inputs: HostArrays;
};

function* batchesOf(requests: readonly DecoderStepRequest[]): Generator<DecoderStepRequest[]> {
  let batch: DecoderStepRequest[] = [];
  let rows = 0;
  for (const request of requests) {
    if (batch.length > 0 && rows + request.tokens.length > ROWS_PER_CALL) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(request);
    rows += request.tokens.length;
  }
  if (batch.length > 0) yield batch;
}

function arrangementOf(batch: readonly DecoderStepRequest[], before: Arrangement | undefined): Arrangement {
  const memories = batch.map(({ memory }) => memory);
  const sizes = batch.map(({ tokens }) => tokens.length);
  const isSame =
    before?.memories.length === memories.length &&
    memories.every((memory, index) => memory === before.memories[index] && sizes[index] === before.sizes[index]);
  return isSame ? before : arrange(memories, sizes);
}

function arrange(memories: readonly DecoderMemory[], sizes: readonly number[]): Arrangement {
  const rows = sizes.reduce((sum, size) => sum + size, 0);
  const entryCount = longestOf(memories);
  const depth = depthOf(memories);
  const keyDepth = (memories[0]?.keys.length ?? 0) / (memories[0]?.bias.length ?? 1);
  const keys = new Float32Array(rows * entryCount * keyDepth);
  const values = new Float32Array(rows * entryCount * depth);
  const bias = new Float32Array(rows * entryCount).fill(MASKED);
  let row = 0;
  for (const [index, memory] of memories.entries()) {
    for (const end = row + (sizes[index] ?? 0); row < end; row++) {
      keys.set(memory.keys, row * entryCount * keyDepth);
      values.set(memory.entries, row * entryCount * depth);
      bias.set(memory.bias, row * entryCount);
    }
  }
  const inputs = {
    keys: { shape: [rows, entryCount, keyDepth], data: keys },
    values: { shape: [rows, entryCount, depth], data: values },
    bias: { shape: [rows, entryCount], data: bias },
  };
  return { memories, sizes, rows, entryCount, inputs };
}

async function step(
  executor: Executor,
  specs: Readonly<Record<string, TensorSpec>>,
  batch: readonly DecoderStepRequest[],
  { rows, entryCount, inputs }: Arrangement,
): Promise<DecoderStepAnswer[]> {
  const token = new Int32Array(rows);
  let firstRow = 0;
  for (const { tokens } of batch) {
    token.set(tokens, firstRow);
    firstRow += tokens.length;
  }
  const stateNames = Object.keys(batch[0]?.states ?? {});
  const states = stateNames.map((name) => [name, inherit(name, specs[name], batch, rows, entryCount)] as const);
  const outputs = await executor.run('decodeStep', {
    token: { shape: [rows], data: token },
    ...inputs,
    ...Object.fromEntries(states),
  });
  const width = arrayNamed(outputs, 'logProbabilities').shape[1] ?? 0;
  let row = 0;
  return batch.map(({ tokens, memory }) => {
    const own = { start: row, end: row + tokens.length };
    row = own.end;
    const taken = (name: string): HostArray => {
      const array = arrayNamed(outputs, name);
      return hasEntries(specs[name]) || name === 'alignment'
        ? takeRows(array, own, memory.bias.length)
        : takeRows(array, own);
    };
    return {
      logProbabilities: {
        width,
        data: floatsNamed(outputs, 'logProbabilities').slice(own.start * width, own.end * width),
      },
      alignment: taken('alignment').data as Float32Array, // the cell gives floats
      states: Object.fromEntries(stateNames.map((name) => [name, taken(name)])),
    };
  });
}

/** Whether rows of a state reach over the entries. */
function hasEntries(spec: TensorSpec | undefined): boolean {
  return spec?.shape[1] === 'E';
}

/** State `name` of every row, from that of its parent; where it reaches over the entries, padded by zeros. */
function inherit(
  name: string,
  spec: TensorSpec | undefined,
  batch: readonly DecoderStepRequest[],
  rows: number,
  entryCount: number,
): HostArray {
  const [, ...rowShape] = batch[0]?.states[name]?.shape ?? [];
  const paddedShape = hasEntries(spec) ? [entryCount, ...rowShape.slice(1)] : rowShape;
  const padded = sizeOf(paddedShape);
  const data = new Float32Array(rows * padded);
  let row = 0;
  for (const { states, parents } of batch) {
    const from = arrayNamed(states, name);
    const width = sizeOf(from.shape.slice(1));
    for (const parent of parents) {
      data.set(from.data.subarray(parent * width, (parent + 1) * width), row * padded);
      row++;
    }
  }
  return { shape: [rows, ...paddedShape], data };
}

/** Rows `start` to `end` of `[B, n, ...]`, of each the first `width` of n. */
function takeRows(
  { shape, data }: HostArray,
  { start, end }: { readonly start: number; readonly end: number },
  width = shape[1] ?? 1,
): HostArray {
  const [, full = 1, ...rest] = shape;
  const inner = sizeOf(rest);
  const taken = new Float32Array((end - start) * width * inner);
  for (let row = start; row < end; row++) {
    const from = row * full * inner;
    taken.set(data.subarray(from, from + width * inner), (row - start) * width * inner);
  }
  return { shape: [end - start, width, ...rest], data: taken };
}

function longestOf(utterances: readonly DecoderEntries[]): number {
  return Math.max(...utterances.map(({ bias }) => bias.length));
}

function depthOf([first]: readonly DecoderEntries[]): number {
  return (first?.entries.length ?? 0) / (first?.bias.length ?? 1);
}
