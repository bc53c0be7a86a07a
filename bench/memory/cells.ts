/** The benchmark's cells as ONNX graphs: the product's own, and a GRU of equal width. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Cell } from '../../src/cell/cell.ts';
import type { CellGraphs } from '../../src/cell/graph-executor.ts';
import { floats } from '../../src/cell/tensor-spec.ts';
import { tensor1, tensor2, tensor3 } from '../../src/cell/typed-tensors.ts';
import { gruSequence } from '../../src/encoder/gru-sequence.ts';
import { exportCell } from '../../src/export/export-cell.ts';
import { initMemory, memoryCells } from '../../src/memory/cells.ts';
import type { MemoryConfig } from '../../src/memory/config.ts';
import { projectEntries } from '../../src/memory/read.ts';
import type { HostArray, HostArrays } from '../../src/tensor/host-array.ts';
import { normalArray, Random } from '../../src/tensor/random.ts';
import { HIERARCHICAL } from './sizes.ts';

const { depth: DEPTH } = HIERARCHICAL;

/** Exports every cell that the benchmark of costs runs to `folder`, each held against tfjs. */
export async function exportBenchCells(folder: string): Promise<void> {
  const random = Random.seeded(1);
  const weights = { ...initMemory(HIERARCHICAL, random), ...initGru(random) };
  const graphs = await graphsOf([...streamCells(HIERARCHICAL), gruCell], weights);
  for (const [name, graph] of graphs) await writeFile(path.join(folder, `${name}.onnx`), graph);
}

/** The cells that a stream with a memory of `config` runs; the keys and values of its vectors are made by cell `project`. */
export function streamCells(config: MemoryConfig): Cell[] {
  return [...memoryCells(config), projectCell(config)];
}

/** `streamCells` as graphs, with random weights. */
export function memoryGraphs(config: MemoryConfig): Promise<CellGraphs> {
  return graphsOf(streamCells(config), initMemory(config, Random.seeded(1)));
}

async function graphsOf(cells: readonly Cell[], weights: HostArrays): Promise<CellGraphs> {
  const graphs = new Map<string, Uint8Array>();
  for (const cell of cells) graphs.set(cell.name, (await exportCell(cell, weights)).graph);
  return graphs;
}

/** Keys and values of vectors, which cell `encode` of a model makes beside the vectors. */
function projectCell(config: MemoryConfig): Cell {
  const rows = floats('B', 'T', config.depth);
  return {
    name: 'project',
    inputs: { vectors: rows },
    outputs: { keys: rows, values: rows },
    run: (weights, inputs) => ({ ...projectEntries(weights, config, tensor3(inputs, 'vectors')) }),
  };
}

/** A GRU over T vectors, time first as it wants them; the input's product is part of it. */
const gruCell: Cell = {
  name: 'gru',
  inputs: { vectors: floats('T', 'B', DEPTH), 'state.hidden': floats('B', DEPTH) },
  outputs: { outputs: floats('T', 'B', DEPTH), 'state.hidden': floats('B', DEPTH) },
  run: (weights, inputs) => {
    const { outputs, hidden } = gruSequence({
      inputs: tensor3(inputs, 'vectors'),
      kernel: tensor2(weights, 'gru.kernel'),
      bias: tensor1(weights, 'gru.bias'),
      candidateBias: tensor1(weights, 'gru.candidateBias'),
      hidden: tensor2(inputs, 'state.hidden'),
    });
    return { outputs, 'state.hidden': hidden };
  },
};

function initGru(random: Random): Record<string, HostArray> {
  return {
    'gru.kernel': normalArray(random, [2 * DEPTH, 3 * DEPTH], 1 / Math.sqrt(2 * DEPTH)),
    'gru.bias': normalArray(random, [3 * DEPTH], 0.1),
    'gru.candidateBias': normalArray(random, [DEPTH], 0.1),
  };
}
