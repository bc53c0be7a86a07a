import '@tensorflow/tfjs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { loadTokenModel } from '../../src/tokens/model.ts';
import { collect } from '../streams/collect.ts';

beforeAll(() => loadBackend('cpu'));

/** A folder with a token model of before, which is gone when the test has ended. */
async function oldTokenModel(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'hearken-tokens-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(path.join(import.meta.dirname, '../model/old-names/tokens'), folder, { recursive: true });
  return folder;
}

const tokens = Int32Array.from({ length: 40 }, (_, index) => (7 * index) % 5);

test('a token model of before is exported, and answers in onnxruntime what it answers in tfjs', async () => {
  const folder = await oldTokenModel();
  const reports = await exportModel(folder);
  expect(reports.map(({ cell }) => cell)).toEqual(['encode', 'summarizeLeaf', 'summarizeInner', 'read']);

  await using exported = await loadTokenModel(folder, { device: 'cpu' });
  await using reference = await loadTokenModel(folder, { device: 'tfjs' });
  const [got, expected] = await Promise.all(
    [exported, reference].map(async (model) => {
      const encodings = await collect(model.encode([tokens]));
      return encodings.flatMap(({ logProbabilities }) => [...logProbabilities]);
    }),
  );
  expect(got).toHaveLength(40 * exported.labelCount);
  expect(got).toEqual(expected?.map((value) => expect.closeTo(value, 4)));
});

test('a token model runs by its graphs where it was exported, else by tfjs, and streams go on from one to the other', async () => {
  const folder = await oldTokenModel();
  await using before = await loadTokenModel(folder); // no graphs
  const begun = before.open();
  await begun.push(tokens.slice(0, 30));
  const from = await begun.snapshot();
  await begun.push(tokens.slice(30));
  const [expected] = await begun.flush();

  await exportModel(folder);
  await using exported = await loadTokenModel(folder);
  const goneOn = exported.open({ from });
  await goneOn.push(tokens.slice(30));
  const [got] = await goneOn.flush();
  expect(got).toMatchObject({ firstToken: 0, labels: expected?.labels });
  expect(got?.probabilities).toEqual(expected?.probabilities.map((value) => expect.closeTo(value, 4)));

  await writeFile(path.join(folder, 'onnx', 'read.onnx'), 'no graph');
  const refusal = { code: 'executor/graph', message: expect.stringContaining('`read`') };
  await expect(loadTokenModel(folder)).rejects.toMatchObject(refusal);
  await rm(path.join(folder, 'onnx', 'read.onnx'));
  await expect(loadTokenModel(folder)).rejects.toMatchObject(refusal);
  await using anyway = await loadTokenModel(folder, { device: 'tfjs' });
  expect(anyway.labelCount).toBe(exported.labelCount);
});
