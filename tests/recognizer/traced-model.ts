import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { traceCell } from '../../src/export/trace-cell.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import { TINY_CONFIG, tfjsTiny, tinyWeights } from './tiny-engine.ts';

/** Writes the tiny model to `folder` with its graphs as they are traced, which are not held against tfjs here. */
export async function writeTracedModel(folder: string): Promise<void> {
  await (await tfjsTiny())[Symbol.asyncDispose](); // tracing needs a backend
  await writeCheckpoint(folder, { config: TINY_CONFIG, weights: tinyWeights() });
  await mkdir(path.join(folder, 'onnx'));
  for (const cell of cellsOf(TINY_CONFIG)) {
    await writeFile(path.join(folder, 'onnx', `${cell.name}.onnx`), await traceCell(cell, tinyWeights()));
  }
}
