/** ONNX files of a model's cells. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { HearkenError } from '../errors.ts';
import type { CellGraphs } from './graph-executor.ts';
import { cellOfGraph } from './graph-names.ts';

/** The graphs by cell: as they are given, or the paths of those in a folder. Throws `executor/graph` where there is no such folder. */
export async function graphsOf(graphs: string | CellGraphs): Promise<ReadonlyMap<string, string | Uint8Array>> {
  return typeof graphs === 'string' ? graphFiles(graphs) : graphs;
}

/** The bytes of the graphs in a folder, which stay what they are when its files are replaced. Throws as `graphsOf`. */
export async function readGraphs(folder: string): Promise<CellGraphs> {
  const graphs = new Map<string, Uint8Array>();
  for (const [cell, file] of await graphFiles(folder)) graphs.set(cell, await readFile(file));
  return graphs;
}

async function graphFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  if (!existsSync(folder)) {
    throw new HearkenError('executor/graph', `Expected a folder of ONNX files, got no \`${folder}\``);
  }
  const files = (await readdir(folder)).filter((file) => path.extname(file) === '.onnx').toSorted();
  const graphs = new Map<string, string>();
  // In alphabetical order the new name of a cell comes after its old one, and wins.
  for (const file of files) graphs.set(cellOfGraph(path.basename(file, '.onnx')), path.join(folder, file));
  return graphs;
}
