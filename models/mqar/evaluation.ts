/** What models of mqar answer, how many leaves they read for it, and how long a read takes. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import type { Executor } from '../../src/cell/executor.ts';
import { zeroStates } from '../../src/cell/executor.ts';
import { floatsNamed } from '../../src/cell/rows.ts';
import { createColdStores } from '../../src/cold/cold-stores.ts';
import type { ColdStores } from '../../src/cold/cold-types.ts';
import { leafSizes } from '../../src/memory/kept-leaves.ts';
import { memoryArrays } from '../../src/memory/snapshot.ts';
import { emptyMemory, type MemoryRows, type MemoryState } from '../../src/memory/state.ts';
import { advanceMemories, growMemories } from '../../src/memory/streaming.ts';
import { packageFile } from '../../src/package-root.ts';
import { loadTokenEngine } from '../../src/tokens/model.ts';
import type { TokenEngine } from '../../src/tokens/stream.ts';
import type { HostArrays } from '../../src/tensor/host-array.ts';
import type { MeasureRequest, RowEvaluation } from '../row-evaluation.ts';
import { lengthsOf, type MqarShape, type MqarTask, testExample } from './tasks.ts';

/**
 * How the past is read: `none`, by a tree alone, trained for it; `search`, with the nearest leaves, by an index where there are many; `exact`, with the
 * nearest of all; `full`, attention to all vectors, by the weights of `search`.
 */
export const READERS = ['none', 'search', 'exact', 'full'] as const;
export type Reader = (typeof READERS)[number];

export type MqarRow = {
  readonly task: MqarTask;
  readonly model: Reader;
  readonly pairs: number;
  /** Symbols of a sequence. */ readonly n: number;
  /** Share of the questions that were answered right. */ readonly accuracy: number;
  /** Questions. */ readonly trials: number;
  /** Vectors beyond window and summaries that a question attended to, in the mean. */ readonly leavesRead: number;
  /** Median time of the read of one question, the search included, in microseconds. */ readonly readUs: number;
  /** Bytes of a stream's state at the end, without what lies outside it. */ readonly stateBytes: number;
  /** Bytes that lie outside the state: leaves, or all vectors that are attended to. */ readonly outsideBytes: number;
};

/** Rows are kept by `npx tsx scripts/compare-mqar.ts`. */
export const MQAR: RowEvaluation<MqarRow> = {
  file: packageFile('models/mqar/results.json'),
  key: ['task', 'model', 'pairs', 'n'],
  columns: [
    ['task', ({ task }) => task],
    ['pairs', ({ pairs }) => `${pairs}`],
    ['n', ({ n }) => `${n}`],
    ['read by', ({ model }) => model],
    ['right %', ({ accuracy }) => (100 * accuracy).toFixed(1)],
    ['of', ({ trials }) => `${trials}`],
    ['leaves read', ({ leavesRead }) => `${leavesRead}`],
    ['us a read', ({ readUs }) => `${readUs}`],
    ['state bytes', ({ stateBytes }) => `${stateBytes}`],
    ['outside', ({ outsideBytes }) => `${outsideBytes}`],
  ],
  measure: measureAll,
};

/** Sequences of no more pairs are quick to measure. */
const MOST_QUICK = 256;

/** Measures the exported model in `folder` on its own task, and the one of two-token that lies within it. */
async function measureAll({ folder, config, isFull, onProgress }: MeasureRequest): Promise<MqarRow[]> {
  const task = config.name === 'two-token' ? config.name : 'mqar';
  const within = folderOf(folder, 'two-token');
  const models: { readonly folder: string; readonly task: MqarTask }[] = [
    { folder, task },
    ...(task === 'mqar' && existsSync(within) ? [{ folder: within, task: 'two-token' as const }] : []),
  ];
  const readers = isFull ? (['search', 'exact', 'full'] as const) : (['search'] as const);
  const asked = models.flatMap((each) => readers.map((model) => ({ ...each, model })));
  const rows: MqarRow[] = [];
  for (const [index, each] of asked.entries()) {
    const measured = measureMqar({
      ...each,
      ...(isFull ? {} : { most: MOST_QUICK }),
      onProgress: (share) => onProgress((index + share) / asked.length),
    });
    for await (const row of measured) rows.push(row);
  }
  return rows;
}

/** Shapes that are measured, and sequences of each. */
const SHAPES: Readonly<Record<MqarTask, readonly (readonly [shape: MqarShape, count: number])[]>> = {
  mqar: [
    [{ length: 256, pairs: 64 }, 20],
    [{ length: 512, pairs: 64 }, 20],
    [{ length: 1_024, pairs: 256 }, 5],
  ],
  'two-token': [
    [{ pairs: 64 }, 20],
    [{ pairs: 256 }, 5],
    [{ pairs: 1_024, questions: 256 }, 2],
    [{ pairs: 4_096, questions: 256 }, 2],
    [{ pairs: 16_384, questions: 256 }, 1],
    [{ pairs: 65_536, questions: 256 }, 1],
  ],
};

/** The folder of a task's model within the one of mqar. */
export function folderOf(folder: string, task: MqarTask): string {
  return task === 'mqar' ? folder : path.join(folder, task);
}

type Measured = {
  readonly folder: string;
  readonly task: MqarTask;
  readonly model: Reader;
  /** The most pairs of a sequence that is measured. */ readonly most?: number;
  readonly onProgress?: (share: number) => void;
};

/** Measures the model in a folder, which must be exported, at one shape after the other. */
export async function* measureMqar({
  folder,
  task,
  model,
  most = Infinity,
  onProgress,
}: Measured): AsyncGenerator<MqarRow, void, undefined> {
  const engine = await loadTokenEngine(folder, { device: 'cpu' });
  const stores = createColdStores(model === 'exact' ? { indexFrom: Infinity } : {});
  try {
    const shapes = SHAPES[task].filter(([{ pairs }]) => pairs <= most);
    const all = shapes.reduce((sum, [shape, count]) => sum + count * lengthsOf(task, shape).length, 0);
    let done = 0;
    for (const [shape, count] of shapes) {
      const { length: n } = lengthsOf(task, shape);
      const asked: Asked[] = [];
      for (let index = 0; index < count; index++) {
        asked.push(...(await answered(engine, stores, model, { task, shape, index })));
        done += n;
        onProgress?.(done / all);
      }
      yield { task, model, pairs: shape.pairs, n, ...figuresOf(asked), ...bytesOf(engine, model, n) };
    }
  } finally {
    stores.close();
    engine.cold?.close();
    await engine.executor[Symbol.asyncDispose]();
  }
}

type Asked = { readonly isRight: boolean; readonly us: number; readonly leaves: number };

function figuresOf(asked: readonly Asked[]): Pick<MqarRow, 'accuracy' | 'trials' | 'leavesRead' | 'readUs'> {
  const trials = asked.length;
  const times = asked.map(({ us }) => us).toSorted((a, b) => a - b);
  return {
    accuracy: asked.filter(({ isRight }) => isRight).length / trials,
    trials,
    leavesRead: Math.round(asked.reduce((sum, { leaves }) => sum + leaves, 0) / trials),
    readUs: Math.round(times[Math.floor(trials / 2)] ?? 0),
  };
}

function bytesOf(
  { config: { memory } }: TokenEngine,
  model: Reader,
  count: number,
): Pick<MqarRow, 'stateBytes' | 'outsideBytes'> {
  const held = Object.values(memoryArrays(memory, { ...emptyMemory(), count })).map(({ data }) => 4 * data.length);
  const rowBytes = 8 * memory.depth;
  const leaves = Math.max(0, count - memory.window);
  const outside = { none: 0, search: leaves, exact: leaves, full: count }[model];
  return {
    stateBytes: model === 'full' ? 0 : held.reduce((sum, bytes) => sum + bytes, 0),
    outsideBytes: outside * rowBytes,
  };
}

type Sequence = { readonly task: MqarTask; readonly shape: MqarShape; readonly index: number };

/** Every question of a sequence: its symbols are taken in as a stream takes them, and the vectors that are asked read alone. */
async function answered(engine: TokenEngine, stores: ColdStores, model: Reader, sequence: Sequence): Promise<Asked[]> {
  const { input, labels = [] } = testExample(sequence.task, sequence.shape, sequence.index);
  const rows = await encoded(engine.executor, Int32Array.from(input as readonly number[])); // these are ids
  const asker = model === 'full' ? fullReader(engine, rows) : memoryReader(engine, stores, rows);
  const asked: Asked[] = [];
  for (const [place, label] of labels.entries()) {
    if (label < 0) continue;
    const { scores, us, leaves } = await asker.read(place);
    asked.push({ isRight: likeliest(scores) === label, us, leaves });
  }
  asker.end();
  return asked;
}

function likeliest(scores: Float32Array): number {
  return scores.reduce((best, score, label) => (score > scores[best]! ? label : best), 0);
}

/** Symbols that are encoded at once. */
const PIECE = 1_024;

/** Vectors, keys and values of all symbols. */
async function encoded(executor: Executor, tokens: Int32Array): Promise<MemoryRows> {
  let states: HostArrays = zeroStates(await executor.inputs('encode'), { B: 1 });
  const rows: Record<keyof MemoryRows, Float32Array[]> = { vectors: [], keys: [], values: [] };
  for (let start = 0; start < tokens.length; start += PIECE) {
    const data = tokens.slice(start, start + PIECE);
    const outputs = await executor.run('encode', { tokens: { shape: [1, data.length], data }, ...states });
    for (const [name, pieces] of Object.entries(rows)) pieces.push(floatsNamed(outputs, name).slice());
    states = Object.fromEntries(Object.keys(states).map((name) => [name, outputs[name]!])); // the cell gives each
  }
  const joined = (pieces: readonly Float32Array[]): Float32Array => {
    const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const piece of pieces) {
      all.set(piece, offset);
      offset += piece.length;
    }
    return all;
  };
  return { vectors: joined(rows.vectors), keys: joined(rows.keys), values: joined(rows.values) };
}

type PlaceRead = { readonly scores: Float32Array; readonly us: number; readonly leaves: number };
type PlaceReader = { readonly read: (place: number) => Promise<PlaceRead>; readonly end: () => void };

/** Reads in a memory, which has grown up to the place that reads. */
function memoryReader(
  { executor, config: { memory } }: TokenEngine,
  stores: ColdStores,
  rows: MemoryRows,
): PlaceReader {
  const { depth, cold } = memory;
  const store = cold === undefined ? undefined : stores.create(leafSizes(memory, cold));
  let state: MemoryState = emptyMemory(store);
  const chunk = (start: number, end: number): MemoryRows => ({
    vectors: rows.vectors.subarray(start * depth, end * depth),
    keys: rows.keys.subarray(start * depth, end * depth),
    values: rows.values.subarray(start * depth, end * depth),
  });
  return {
    read: async (place) => {
      while (state.count < place) {
        const end = Math.min(place, state.count + PIECE);
        [state = state] = await growMemories(executor, memory, [{ state, chunk: chunk(state.count, end) }]);
      }
      const started = performance.now();
      const [advance] = await advanceMemories(executor, memory, [{ state, chunk: chunk(place, place + 1) }]);
      const us = 1_000 * (performance.now() - started);
      ({ state } = advance!); // one for the one
      const kept = store === undefined ? 0 : store.mark().count - store.first();
      return {
        scores: floatsNamed(advance!.outputs, 'logProbabilities'),
        us,
        leaves: Math.min(kept, cold?.nearest ?? 0),
      };
    },
    end: () => store?.close(),
  };
}

/** Reads all vectors up to the place that reads, from arrays that are there before. */
function fullReader({ executor, config: { memory } }: TokenEngine, { vectors, keys, values }: MemoryRows): PlaceReader {
  const { depth } = memory;
  return {
    read: async (place) => {
      const count = place + 1;
      const all = (data: Float32Array) => ({ shape: [1, count, depth], data: data.subarray(0, count * depth) });
      const inputs: HostArrays = {
        queries: { shape: [1, 1, depth], data: vectors.slice(place * depth, count * depth) },
        keys: all(keys),
        values: all(values),
        bias: { shape: [1, 1, count], data: new Float32Array(count) },
      };
      const started = performance.now();
      const outputs = await executor.run('read', inputs);
      const us = 1_000 * (performance.now() - started);
      return { scores: floatsNamed(outputs, 'logProbabilities'), us, leaves: Math.max(0, count - memory.window) };
    },
    end: () => undefined,
  };
}
