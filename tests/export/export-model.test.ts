import '@tensorflow/tfjs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { exportModel } from '../../src/export/export-model.ts';
import { GRAPHS_FOLDER } from '../../src/cell/graph-names.ts';
import { cellsOf } from '../../src/model/cells.ts';
import { readCheckpoint, writeCheckpoint } from '../../src/model/checkpoint.ts';
import { initRecognizer } from '../model/first-weights.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { createTfjsExecutor } from '../../src/cell/tfjs-executor.ts';
import { roundToHalf } from '../../src/tensor/half.ts';
import { Random } from '../../src/tensor/random.ts';
import { EXAMPLE_CONFIG } from '../model/example-config.ts';

const weights = initRecognizer(EXAMPLE_CONFIG, Random.seeded(6));
let folder: string;

beforeAll(() => loadBackend('cpu'));
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearken-export-'));
  await writeCheckpoint(folder, { config: EXAMPLE_CONFIG, weights });
});
afterEach(() => rm(folder, { recursive: true }));

test('writes one graph a cell, says how well each agrees, and the folder runs', async () => {
  const seen: string[] = [];
  const reports = await exportModel(folder, { onCell: ({ cell }) => seen.push(cell) });
  const names = cellsOf(EXAMPLE_CONFIG).map(({ name }) => name);
  expect(seen).toEqual(names);
  expect((await readdir(path.join(folder, GRAPHS_FOLDER))).toSorted()).toEqual(
    names.map((name) => `${name}.onnx`).toSorted(),
  );
  for (const { worstDifference } of reports) expect(worstDifference).toBeLessThan(1e-4);

  await using streamed = await createOnnxExecutor(path.join(folder, GRAPHS_FOLDER));
  await using reference = createTfjsExecutor(cellsOf(EXAMPLE_CONFIG), weights);
  const children = { shape: [2, 8, 16], data: Float32Array.from({ length: 256 }, (_, index) => Math.sin(index)) };
  const inputs = { children, tokenCounts: { shape: [2, 8], data: new Float32Array(16).fill(1) } };
  const [got, expected] = await Promise.all([
    streamed.run('summarizeLeaf', inputs),
    reference.run('summarizeLeaf', inputs),
  ]);
  for (const [name, array] of Object.entries(expected)) {
    const differences = array.data.map((value, index) => Math.abs(value - (got[name]?.data[index] ?? Number.NaN)));
    expect(Math.max(...differences)).toBeLessThan(1e-4);
  }
});

test('the file holds weights under their checkpoint names', async () => {
  await exportModel(folder);
  const bytes = await readFile(path.join(folder, GRAPHS_FOLDER, 'read.onnx'), 'latin1');
  for (const name of ['head.kernel', 'memory.read.query']) expect(bytes).toContain(name);
  expect(bytes).not.toContain('encoder.'); // only what the cell uses
});

test('weights that were rounded to half precision are stored in it, and graphs compute the same with them', async () => {
  const halved = Object.entries(weights).map(([name, { shape, data }]) => {
    return [name, { shape, data: Float32Array.from(data, roundToHalf) }] as const;
  });
  const sizeOf = async (name: string): Promise<number> => (await stat(path.join(folder, name))).size;
  const graph = path.join(GRAPHS_FOLDER, 'encode.onnx');
  await exportModel(folder);
  const [file, exported] = [await sizeOf('model.safetensors'), await sizeOf(graph)];
  await writeCheckpoint(folder, { config: EXAMPLE_CONFIG, weights: Object.fromEntries(halved) });
  expect((await readCheckpoint(folder)).weights).toEqual(Object.fromEntries(halved));
  await exportModel(folder); // holds each graph against tfjs
  expect((await sizeOf('model.safetensors')) / file).toBeLessThan(0.7);
  expect((await sizeOf(graph)) / exported).toBeLessThan(0.9);
});

test('stops when asked to and writes nothing', async () => {
  const controller = new AbortController();
  const exporting = exportModel(folder, { onCell: () => controller.abort(), signal: controller.signal });
  await expect(exporting).rejects.toMatchObject({ name: 'AbortError' });
  expect(await readdir(folder)).not.toContain(GRAPHS_FOLDER);
});

test('a damaged checkpoint is not exported', async () => {
  await writeFile(path.join(folder, 'model.safetensors'), 'damaged');
  await expect(exportModel(folder)).rejects.toMatchObject({ code: expect.stringMatching(/^safetensors\//u) });
});
