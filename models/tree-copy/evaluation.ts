/** What the model that copies backwards answers, of how many vectors, and how long a read takes. */
import { createModelExecutor } from '../../src/backend/model-executor.ts';
import { createColdStores } from '../../src/cold/cold-stores.ts';
import { streamedMemory } from '../../src/memory/kinds.ts';
import { liveNodes } from '../../src/memory/schedule.ts';
import { type SeenMemoryConfig, slotsOf } from '../../src/memory/state.ts';
import { modelDepth, parseModelConfig } from '../../src/model/config.ts';
import { readModelJson } from '../../src/model/config-file.ts';
import { packageFile } from '../../src/package-root.ts';
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
import { testExample, WIDTH } from './task.ts';

/**
 * How the memory is read: `none`, by a tree alone, trained for it; by the weights of the model, with the nearest of the leaves that a walk finds with a beam of
 * 1, 4 or 16; the same with every summary hidden from the read; with the nearest of all leaves, found one by one, or by bounds of the keys below each node;
 * or all vectors.
 */
export const READERS = [
  'none',
  'descent-1',
  'descent-4',
  'descent-16',
  'descent-1-alone',
  'search',
  'certified',
  'full',
] as const;
export type CopyReader = (typeof READERS)[number];

export type CopyRow = ReadFigures & {
  readonly model: CopyReader;
  /** Times of a sequence, of which half is the memory. */ readonly n: number;
  /** All that a question attended to, in the mean at the end: window, slots of summaries, leaves. */
  readonly entriesRead: number;
};

/** Rows are kept by `npx tsx scripts/compare-tree-copy.ts`. */
export const COPY: RowEvaluation<CopyRow> = {
  file: packageFile('models/tree-copy/results.json'),
  key: ['model', 'n'],
  columns: [
    ['n', ({ n }) => `${n}`],
    ['read by', ({ model }) => model],
    ['right %', ({ accuracy }) => (100 * accuracy).toFixed(2)],
    ['of', ({ trials }) => `${trials}`],
    ['leaves read', ({ leavesRead }) => `${leavesRead}`],
    ['of the memory %', ({ leavesRead, n }) => ((200 * leavesRead) / n).toFixed(1)],
    ['entries read', ({ entriesRead }) => `${entriesRead}`],
    ['keys walked', ({ keysWalked }) => `${keysWalked ?? ''}`],
    ['us a read', ({ readUs }) => `${readUs}`],
  ],
  measure: measureAll,
};

/** Measures the exported model in `folder`, as it reads; where `isFull`, in every way to read. */
async function measureAll({ folder, config, isFull, onProgress }: MeasureRequest): Promise<CopyRow[]> {
  const byTree = config.name === NONE;
  const own = READERS.filter((reader) => (reader === 'none') === byTree);
  const readers = isFull || byTree ? own : (['descent-1'] as const);
  const rows: CopyRow[] = [];
  for (const [index, reader] of readers.entries()) {
    for await (const row of measureCopy(folder, reader)) rows.push(row);
    onProgress((index + 1) / readers.length);
  }
  return rows;
}

/** Name of the tree alone. */
const NONE = 'tree-copy-none';

/** Lengths that are measured, and sequences of each. */
const LENGTHS = [
  [64, 40],
  [256, 20],
  [1_024, 20],
] as const;

/** Measures the exported model in a folder, read by `model`, at one length after the other, by at most `most` sequences of each. */
export async function* measureCopy(
  folder: string,
  model: CopyReader,
  most: number = Infinity,
): AsyncGenerator<CopyRow, void, undefined> {
  const config = parseModelConfig(await readModelJson(folder));
  const executor = await createModelExecutor(folder, 'cpu', { cells: ['encode', 'read'] });
  const reads: ReadEngine = { executor, memory: readBy(model, streamedMemory(config.memory, modelDepth(config))) };
  const stores = createColdStores();
  try {
    for (const [n, count] of LENGTHS) {
      const asked: Asked[] = [];
      for (let index = 0; index < Math.min(count, most); index++) {
        const { input, labels = [] } = testExample(n, index);
        const numbers = Float32Array.from(input as readonly number[]); // these are numbers
        const rows = await encodedRows(executor, n, (start, end) => ({
          numbers: { shape: [1, end - start, WIDTH], data: numbers.slice(start * WIDTH, end * WIDTH) },
        }));
        const reader =
          model === 'full' ? fullReader(reads, rows) : memoryReader(reads, stores, rows, model === 'certified');
        asked.push(...(await askedOf(reader, labels)));
      }
      const figures = figuresOf(asked);
      yield { model, n, ...figures, entriesRead: entriesOf(reads.memory, model, n) + figures.leavesRead };
    }
  } finally {
    stores.close();
    await executor[Symbol.asyncDispose]();
  }
}

function readBy(model: CopyReader, memory: SeenMemoryConfig): SeenMemoryConfig {
  const { cold } = memory;
  if (cold === undefined) return memory;
  const { nearest, retention } = cold;
  const beam = Number(/^descent-(\d+)/.exec(model)?.[1] ?? 0);
  const found = beam === 0 ? { nearest, retention } : { nearest, retention, descent: { beam } };
  return { ...memory, cold: found, ...(model.endsWith('alone') ? { hidesSummaries: true } : {}) };
}

/** Entries of window and tree that are seen after `n` times. */
function entriesOf(memory: SeenMemoryConfig, model: CopyReader, n: number): number {
  if (model === 'full') return memory.window;
  const seen = memory.hidesSummaries === true ? liveNodes(memory, n).slice(0, 1) : liveNodes(memory, n);
  return seen.reduce((sum, { start, end }, level) => sum + (end - start) * slotsOf(memory, level), 0);
}
