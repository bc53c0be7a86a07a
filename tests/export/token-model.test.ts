import '@tensorflow/tfjs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { GRAPHS_FOLDER } from '../../src/cell/graph-names.ts';
import { createOnnxExecutor } from '../../src/cell/onnx-executor.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { readModelCheckpoint } from '../../src/model/checkpoint.ts';
import { loadTokenModel } from '../../src/tokens/model.ts';
import { tokenStreamConfig } from '../../src/tokens/config.ts';
import { createTokenModel } from '../../src/tokens/model.ts';
import { collect } from '../streams/collect.ts';

beforeAll(() => loadBackend('cpu'));

test('a token model of before is exported, and answers in onnxruntime what it answers in tfjs', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-tokens-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(path.join(import.meta.dirname, '../model/old-names/tokens'), folder, { recursive: true });
  const reports = await exportModel(folder);
  expect(reports.map(({ cell }) => cell)).toEqual(['encode', 'summarizeLeaf', 'summarizeInner', 'read']);

  const { config } = await readModelCheckpoint(folder);
  const sizes = tokenStreamConfig(config);
  const executor = await createOnnxExecutor(path.join(folder, GRAPHS_FOLDER));
  await using exported = createTokenModel({ config: sizes, executor, fingerprint: 'exported' });
  await using reference = await loadTokenModel(folder);
  const tokens = Int32Array.from({ length: 40 }, (_, index) => (7 * index) % sizes.alphabetSize);
  const [got, expected] = await Promise.all(
    [exported, reference].map(async (model) => {
      const encodings = await collect(model.encode([tokens]));
      return encodings.flatMap(({ logProbabilities }) => [...logProbabilities]);
    }),
  );
  expect(got).toHaveLength(40 * sizes.labelCount);
  expect(got).toEqual(expected?.map((value) => expect.closeTo(value, 4)));
});
