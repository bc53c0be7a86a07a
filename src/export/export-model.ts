import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import type { Cell } from '../model/cell.ts';
import { cellsOf } from '../model/cells.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { writeWhole } from '../model/write-whole.ts';
import { exportCell } from './export-cell.ts';

/** Where in a checkpoint folder the graphs are. */
export const GRAPHS_FOLDER = 'onnx';

export type ExportReport = {
  readonly cell: string;
  readonly file: string;
  readonly bytes: number;
  /** Largest difference between onnxruntime and tfjs over random inputs of several sizes. */
  readonly worstDifference: number;
};

export type ExportModelOptions = {
  /** Called after each cell. */ readonly onCell?: (report: ExportReport) => void;
  readonly signal?: AbortSignal;
};

/**
 * Exports every cell of the checkpoint in `folder` to `onnx/CELL.onnx`, each held against tfjs on its current backend.
 * Nothing is written unless all agree. Throws as `readCheckpoint` and `exportCell` do.
 */
export async function exportModel(folder: string, options: ExportModelOptions = {}): Promise<ExportReport[]> {
  const { onCell, signal } = options;
  const { config, weights } = await readCheckpoint(folder);
  const exported: { readonly report: ExportReport; readonly graph: Uint8Array }[] = [];
  for (const cell of cellsOf(config)) {
    signal?.throwIfAborted();
    const { graph, worstDifference } = await exportCell(cell, weights);
    const report = { cell: cell.name, file: fileOf(folder, cell), bytes: graph.length, worstDifference };
    exported.push({ report, graph });
    onCell?.(report);
  }
  await mkdir(path.join(folder, GRAPHS_FOLDER), { recursive: true });
  for (const { report, graph } of exported) await writeWhole(report.file, graph);
  return exported.map(({ report }) => report);
}

function fileOf(folder: string, cell: Cell): string {
  return path.join(folder, GRAPHS_FOLDER, `${cell.name}.onnx`);
}
