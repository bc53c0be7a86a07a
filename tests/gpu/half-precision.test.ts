import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import protocol from 'onnx-proto';
import { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { graphsFolder } from '../../bench/gpu/exported-models.ts';
import { loadBackend } from '../../src/backend/backends.ts';
import { graphsOf } from '../../src/cell/graph-files.ts';
import { GRAPHS_FOLDER } from '../../src/cell/graph-names.ts';
import { loadModel } from '../../src/index.ts';
import { exportHalfModel } from '../export/half-model.ts';
import { samplesOf } from '../server/recordings.ts';
import { gpuNote, hasSoftwareGpu } from './software-gpu.ts';

/** onnxruntime's `ORT_LOGGING_LEVEL_FATAL`. */
const LOG_FATAL_ONLY = 4;

describe.skipIf(!hasSoftwareGpu)(`a model in half precision on a GPU${gpuNote}`, () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hearken-half-'));
    await loadBackend('cpu');
    await exportHalfModel(folder);
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('copies no more between GPU and processor inside of a call than one in single precision', async () => {
    const half = await graphsOf(path.join(folder, GRAPHS_FOLDER));
    const single = await graphsOf(graphsFolder('codes-en'));
    for (const [cell, graph] of half) {
      expect(await copiesIn(String(graph), folder), cell).toBe(await copiesIn(String(single.get(cell)), folder));
    }
  });

  test('is computed there, or on the processor with the reason why not: the words are those of single precision', async () => {
    const samples = await samplesOf('pin', 16_000);
    const warnings: string[] = [];
    const warn = ({ message }: Error): number => warnings.push(message);
    process.on('warning', warn);
    await using model = await loadModel(folder, { grammar: 'digits', device: 'webgpu' });
    const { words } = await model.recognize(samples);
    await new Promise(setImmediate); // warnings come a turn later
    process.off('warning', warn);
    expect(words.map(({ word }) => word).join(' ')).toBe('four seven two nine');
    // SwiftShader has no half precision.
    expect(`${model.device}: ${warnings.join()}`).toMatch(/^onnx-webgpu: $|^onnx-cpu: .* requires f16 /u);
  });
});

/** Copies in the graph in `file` once onnxruntime has given each operator to the GPU or the processor, which it does without computing. */
async function copiesIn(file: string, folder: string): Promise<number> {
  const optimized = path.join(folder, 'optimized.onnx');
  const session = await InferenceSession.create(file, {
    executionProviders: ['webgpu', 'cpu'],
    optimizedModelFilePath: optimized,
    logSeverityLevel: LOG_FATAL_ONLY,
  });
  await session.release();
  const { graph } = protocol.onnx.ModelProto.decode(await readFile(optimized));
  return graph?.node?.filter(({ opType }) => opType?.startsWith('Memcpy')).length ?? Number.NaN;
}
