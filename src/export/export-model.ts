import { existsSync } from 'node:fs';
import { access, constants, mkdir, readFile, rmdir } from 'node:fs/promises';
import path from 'node:path';

import { HearkenError } from '../errors.ts';
import type { Cell } from '../cell/cell.ts';
import { cellsOf } from '../model/cells.ts';
import { readModelCheckpoint } from '../model/checkpoint.ts';
import { GRAPHS_FOLDER } from '../cell/graph-names.ts';
import { writeWhole } from '../model/write-whole.ts';
import { exportCell, type ExportCellOptions } from './export-cell.ts';

/** The field number and type of the version, with which every ONNX file begins. */
const FIRST_OF_ONNX = 0x08;

export type ExportReport = {
  readonly cell: string;
  readonly file: string;
  readonly bytes: number;
  /** As of `ExportedCell`. */ readonly worstDifference: number;
};

export type ExportModelOptions = ExportCellOptions & {
  /** Called after each cell. */ readonly onCell?: (report: ExportReport) => void;
  readonly signal?: AbortSignal;
};

/**
 * Exports every cell of the checkpoint in `folder` to `onnx/CELL.onnx`, each held against tfjs on its current backend.
 * Nothing is written unless all agree. Throws as `readModelCheckpoint` and `exportCell` do, and `export/unwritable`, before the work, where graphs
 * would replace something else or cannot be written.
 */
export async function exportModel(folder: string, options: ExportModelOptions = {}): Promise<ExportReport[]> {
  const { onCell, signal, precision } = options;
  const { config, weights } = await readModelCheckpoint(folder);
  const cells = cellsOf(config);
  await openFolder(folder, cells);
  const exported: { readonly report: ExportReport; readonly graph: Uint8Array }[] = [];
  try {
    for (const cell of cells) {
      signal?.throwIfAborted();
      const { graph, worstDifference } = await exportCell(cell, weights, { precision });
      const report = { cell: cell.name, file: fileOf(folder, cell), bytes: graph.length, worstDifference };
      exported.push({ report, graph });
      onCell?.(report);
    }
  } catch (error) {
    await rmdir(path.join(folder, GRAPHS_FOLDER)).catch(() => undefined); // where it was made for nothing: it is empty then
    throw error;
  }
  for (const { report, graph } of exported) await writeWhole(report.file, graph);
  return exported.map(({ report }) => report);
}

/** Makes the folder of the graphs. Throws `export/unwritable` where it cannot be written, or a graph would replace something else. */
async function openFolder(folder: string, cells: readonly Cell[]): Promise<void> {
  const graphs = path.join(folder, GRAPHS_FOLDER);
  try {
    await mkdir(graphs, { recursive: true });
    await access(graphs, constants.W_OK);
    for (const file of cells.map((cell) => fileOf(folder, cell)).filter(existsSync)) {
      const [first = FIRST_OF_ONNX] = await readFile(file);
      if (first !== FIRST_OF_ONNX) throw new Error(`${file}, which is no ONNX graph`);
    }
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException; // of node:fs, or the one above
    const got = code === undefined ? message : `${graphs}: ${code}`;
    throw new HearkenError('export/unwritable', `Expected to write ONNX graphs to ${folder}, got ${got}`, { cause });
  }
}

function fileOf(folder: string, cell: Cell): string {
  return path.join(folder, GRAPHS_FOLDER, `${cell.name}.onnx`);
}
