import path from 'node:path';

import { HearkenError } from '../errors.ts';
import type { Executor } from './executor.ts';
import { type CellGraphs, createGraphExecutor } from './graph-executor.ts';
import { graphsOf } from './graph-files.ts';
import type { OnnxDevice } from './onnx-device.ts';

export type OnnxExecutorOptions = {
  /** Where the graphs run. Default `cpu`. */ readonly device?: OnnxDevice;
};

/**
 * Runs cells by onnxruntime. `graphs` holds them, or is a folder of files `CELL.onnx`; a cell is loaded when it first runs.
 *
 * Running throws `executor/unknown-cell`, `executor/input`, `executor/graph` where a file is missing or damaged,
 * `executor/device` where the device cannot be had, and `executor/closed` after disposal, which waits for what runs.
 */
export async function createOnnxExecutor(
  graphs: string | CellGraphs,
  options: OnnxExecutorOptions = {},
): Promise<Executor> {
  const { device = 'cpu' } = options;
  const sources = await graphsOf(graphs);
  return createGraphExecutor(sources, {
    device,
    unknownCell: (cell) => unknownCell(cell, graphs, [...sources.keys()]),
  });
}

function unknownCell(cell: string, graphs: string | CellGraphs, known: readonly string[]): HearkenError {
  if (typeof graphs === 'string') {
    return new HearkenError(
      'executor/graph',
      `Expected the graph of cell \`${cell}\` at ${path.join(graphs, `${cell}.onnx`)}, got no such file`,
    );
  }
  return new HearkenError('executor/unknown-cell', `Expected \`cell\` in ${known.join(', ')}, got ${cell}`);
}
