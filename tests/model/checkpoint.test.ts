import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { readCheckpoint, writeCheckpoint } from '../../src/model/checkpoint.ts';
import { initRecognizer } from './first-weights.ts';
import type { HostArray, HostArrays } from '../../src/tensor/host-array.ts';
import { Random } from '../../src/tensor/random.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/tensor/safetensors.ts';
import { EXAMPLE_CONFIG } from './example-config.ts';

const weights = initRecognizer(EXAMPLE_CONFIG, Random.seeded(5));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'hearken-checkpoint-'));
  await writeCheckpoint(folder, { config: EXAMPLE_CONFIG, weights });
});
afterEach(() => rm(folder, { recursive: true }));

async function rewriteWeights(change: (tensors: Record<string, HostArray>) => void): Promise<void> {
  const file = path.join(folder, 'model.safetensors');
  const tensors: Record<string, HostArray> = { ...decodeSafetensors(await readFile(file)).tensors };
  change(tensors);
  await writeFile(file, encodeSafetensors(tensors));
}

test('a checkpoint reads back as it was written, and nothing half-written stays', async () => {
  const read = await readCheckpoint(folder);
  expect(read.config).toEqual(EXAMPLE_CONFIG);
  expect(read.weights).toEqual(weights satisfies HostArrays);
  expect((await readdir(folder)).toSorted()).toEqual(['README.md', 'config.json', 'model.safetensors']);
});

test('the model card of a run follows its newest checkpoint', async () => {
  const card = path.join(folder, 'README.md');
  const config = { ...EXAMPLE_CONFIG, training: { seed: 8 } };
  await writeCheckpoint(folder, { config, weights });
  expect(await readFile(card, 'utf8')).toContain('| seed | 8 |');
  await writeCheckpoint(folder, { config: EXAMPLE_CONFIG, weights });
  expect(await readFile(card, 'utf8')).toContain('| seed | 7 |');
});

test('the model card says what the model hears, and one that was written by hand is kept', async () => {
  const card = path.join(folder, 'README.md');
  expect(await readFile(card, 'utf8')).toMatch(/# example[\s\S]*zero, oh, one[\s\S]*\| seed \| 7 \|/u);
  await writeFile(card, 'by hand');
  await writeCheckpoint(folder, { config: EXAMPLE_CONFIG, weights });
  expect(await readFile(card, 'utf8')).toBe('by hand');
});

describe('a wrong folder is refused by name', () => {
  test.each([
    ['config.json', 'model/missing-file'],
    ['model.safetensors', 'model/missing-file'],
  ])('without %s', async (file, code) => {
    await rm(path.join(folder, file));
    await expect(readCheckpoint(folder)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(`\`${file}\``),
    });
  });

  test('that is a file or is not there', async () => {
    await expect(readCheckpoint(path.join(folder, 'config.json'))).rejects.toMatchObject({
      code: 'model/missing-file',
    });
    await expect(readCheckpoint(path.join(folder, 'other'))).rejects.toMatchObject({ code: 'model/missing-file' });
  });

  test('whose config.json is not JSON, or of another version', async () => {
    const file = path.join(folder, 'config.json');
    const json = await readFile(file, 'utf8');
    await writeFile(file, json.slice(0, 100));
    await expect(readCheckpoint(folder)).rejects.toMatchObject({
      code: 'model/config',
      message: expect.stringMatching(/^Expected `config.json` to be JSON, got: /u),
    });
    await writeFile(file, json.replace('"version": 1', '"version": 3'));
    await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: 'model/version' });
  });

  test('whose weights miss a tensor', async () => {
    await rewriteWeights((tensors) => delete tensors['head.kernel']);
    await expect(readCheckpoint(folder)).rejects.toMatchObject({
      code: 'model/missing-tensor',
      message: 'Expected tensor `head.kernel` of shape [16, 4] among the weights, got none',
    });
  });

  test('whose weights have a tensor too many', async () => {
    await rewriteWeights((tensors) => (tensors['extra'] = { shape: [1], data: new Float32Array(1) }));
    await expect(readCheckpoint(folder)).rejects.toMatchObject({
      code: 'model/unexpected-tensor',
      message: expect.stringContaining('`extra`'),
    });
  });

  test.each([
    [{ shape: [4, 16], data: new Float32Array(64) }, 'of shape [16, 4], got [4, 16]'],
    [{ shape: [16, 4], data: new Int32Array(64) }, 'of dtype float32, got int32'],
    [{ shape: [16, 4], data: new Float32Array(64).fill(Number.NaN, 9) }, 'to hold finite numbers, got NaN at 9'],
  ])('whose weights hold a tensor that is not as it must be (%#)', async (array, what) => {
    await rewriteWeights((tensors) => (tensors['head.kernel'] = array));
    await expect(readCheckpoint(folder)).rejects.toMatchObject({
      code: 'model/tensor',
      message: `Expected tensor \`head.kernel\` ${what}`,
    });
  });

  test('whose weights end early', async () => {
    const file = path.join(folder, 'model.safetensors');
    const bytes = await readFile(file);
    for (const length of [0, 7, 100, bytes.length - 1]) {
      await writeFile(file, bytes.subarray(0, length));
      await expect(readCheckpoint(folder)).rejects.toMatchObject({ code: expect.stringMatching(/^safetensors\//u) });
    }
  });
});

test('weights that are not those of the configuration are not written', async () => {
  const { 'head.bias': _, ...rest } = weights;
  const target = path.join(folder, 'new');
  await expect(writeCheckpoint(target, { config: EXAMPLE_CONFIG, weights: rest })).rejects.toMatchObject({
    code: 'model/missing-tensor',
  });
  await expect(readdir(target)).rejects.toThrow('ENOENT');
});
