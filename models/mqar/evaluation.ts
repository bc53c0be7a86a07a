/** What models of mqar answer, how many leaves they read for it, and how long a read takes. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { createColdStores } from '../../src/cold/cold-stores.ts';
import type { ColdStores } from '../../src/cold/cold-types.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { mergedNodes } from '../../src/memory/schedule.ts';
import { memoryArrays } from '../../src/memory/snapshot.ts';
import { emptyMemory } from '../../src/memory/state.ts';
import { packageFile } from '../../src/package-root.ts';
import { loadTokenEngine } from '../../src/tokens/model.ts';
import {
  type Asked,
  askedOf,
  encodedRows,
  figuresOf,
  fullReader,
  memoryReader,
  type ReadEngine,
  type ReadFigures,
} from '../cold-reads.ts';
import type { MeasureRequest, RowEvaluation } from '../row-evaluation.ts';
import { lengthsOf, type MqarShape, type MqarTask, testExample } from './tasks.ts';

/**
 * How the past is read: `none`, by a tree alone, trained for it; `search`, with the nearest leaves, by an index where there are many; `exact`, with the
 * nearest of all; `full`, attention to all vectors, by the weights of `search`; `descent-B`, with the nearest of the leaves that a walk finds with a beam
 * of B, trained for it; `descent-full`, attention to all vectors, by its weights.
 */
export const READERS = [
  'none',
  'search',
  'exact',
  'full',
  'descent-1',
  'descent-4',
  'descent-16',
  'descent-full',
] as const;
export type Reader = (typeof READERS)[number];

export type MqarRow = ReadFigures & {
  readonly task: MqarTask;
  readonly model: Reader;
  readonly pairs: number;
  /** Symbols of a sequence. */ readonly n: number;
  /** Bytes of a stream's state at the end, without what lies outside it. */ readonly stateBytes: number;
  /** Bytes that lie outside the state: leaves and keys of nodes, or all vectors that are attended to. */
  readonly outsideBytes: number;
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
    ['keys walked', ({ keysWalked }) => `${keysWalked ?? ''}`],
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
  const reads: ReadEngine = { executor: engine.executor, memory: readBy(model, engine.config.memory) };
  const stores = createColdStores(model === 'exact' ? { indexFrom: Infinity } : {});
  try {
    const shapes = SHAPES[task].filter(([{ pairs }]) => pairs <= most);
    const all = shapes.reduce((sum, [shape, count]) => sum + count * lengthsOf(task, shape).length, 0);
    let done = 0;
    for (const [shape, count] of shapes) {
      const { length: n } = lengthsOf(task, shape);
      const asked: Asked[] = [];
      for (let index = 0; index < count; index++) {
        asked.push(...(await answered(reads, stores, model, { task, shape, index })));
        done += n;
        onProgress?.(done / all);
      }
      yield { task, model, pairs: shape.pairs, n, ...figuresOf(asked), ...bytesOf(reads, model, n) };
    }
  } finally {
    stores.close();
    engine.cold?.close();
    await engine.executor[Symbol.asyncDispose]();
  }
}

/** The memory with the beam that `model` names. */
function readBy(model: Reader, memory: MemoryConfig): MemoryConfig {
  const { cold } = memory;
  const beam = Number(/^descent-(\d+)$/.exec(model)?.[1] ?? 0);
  return beam === 0 || cold === undefined ? memory : { ...memory, cold: { ...cold, descent: { beam } } };
}

/** Whether all vectors are attended to. */
const readsAll = (model: Reader): boolean => model === 'full' || model === 'descent-full';

function bytesOf({ memory }: ReadEngine, model: Reader, count: number): Pick<MqarRow, 'stateBytes' | 'outsideBytes'> {
  const held = Object.values(memoryArrays(memory, { ...emptyMemory(), count })).map(({ data }) => 4 * data.length);
  const { depth, slots, cold } = memory;
  const leaves = cold === undefined ? 0 : Math.max(0, count - memory.window);
  const nodes = cold?.descent === undefined ? [] : mergedNodes(memory, leaves);
  const keptBytes = 8 * depth * leaves + 4 * slots * depth * nodes.reduce((sum, each) => sum + each, 0);
  return {
    stateBytes: readsAll(model) ? 0 : held.reduce((sum, bytes) => sum + bytes, 0),
    outsideBytes: readsAll(model) ? 8 * depth * count : keptBytes,
  };
}

type Sequence = { readonly task: MqarTask; readonly shape: MqarShape; readonly index: number };

/** Every question of a sequence: its symbols are taken in as a stream takes them, and the vectors that are asked read alone. */
async function answered(reads: ReadEngine, stores: ColdStores, model: Reader, sequence: Sequence): Promise<Asked[]> {
  const { input, labels = [] } = testExample(sequence.task, sequence.shape, sequence.index);
  const tokens = Int32Array.from(input as readonly number[]); // these are ids
  const rows = await encodedRows(reads.executor, tokens.length, (start, end) => ({
    tokens: { shape: [1, end - start], data: tokens.slice(start, end) },
  }));
  return askedOf(readsAll(model) ? fullReader(reads, rows) : memoryReader(reads, stores, rows), labels);
}
