import { cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { runCommand } from './run-command.ts';
import { temporaryFolder, writeTinyModel } from './tiny-model.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let whole: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  whole = join(folder.path, 'whole');
  await writeTinyModel(whole);
});
afterAll(() => folder[Symbol.asyncDispose]());

type Damage = { readonly title: string; readonly harm: (model: string) => Promise<void>; readonly says: string };

async function editConfig(model: string, edit: (json: string) => string): Promise<void> {
  const file = join(model, 'config.json');
  await writeFile(file, edit(await readFile(file, 'utf8')));
}

const UNREADABLE: readonly Damage[] = [
  {
    title: 'without a configuration',
    harm: (model) => rm(join(model, 'config.json')),
    says: 'config.json',
  },
  {
    title: 'whose configuration is no JSON',
    harm: (model) => editConfig(model, (json) => json.slice(0, 100)),
    says: 'Expected `config.json` to be JSON',
  },
  {
    title: 'of another version',
    harm: (model) => editConfig(model, (json) => json.replace('"version": 1', '"version": 99')),
    says: 'Expected `version` of the model to be 1 or 2, got 99',
  },
  {
    title: 'with a false field',
    harm: (model) => editConfig(model, (json) => json.replace('"heads": 2', '"heads": "two"')),
    says: '`memory.heads`',
  },
];

const BAD_WEIGHTS: readonly Damage[] = [
  {
    title: 'whose weights are cut short',
    harm: (model) => truncate(join(model, 'model.safetensors'), 2_000),
    says: 'safetensors/',
  },
  {
    title: 'whose weights are of another size',
    harm: (model) => editConfig(model, (json) => json.replace('"units": 6', '"units": 7')),
    says: 'decoder.',
  },
];

const BAD_GRAPHS: readonly Damage[] = [
  {
    title: 'with a damaged graph',
    harm: (model) => truncate(join(model, 'onnx', 'read.onnx'), 300),
    says: '`read`',
  },
  {
    title: 'without a graph',
    harm: (model) => rm(join(model, 'onnx', 'encode.onnx')),
    says: 'encode',
  },
];

async function damaged({ title, harm }: Damage): Promise<string> {
  const model = join(folder.path, title.replaceAll(' ', '-'));
  await cp(whole, model, { recursive: true });
  await harm(model);
  return model;
}

test.each([...UNREADABLE, ...BAD_WEIGHTS])('inspect names what is wrong with a model $title', async (damage) => {
  const { code, stdout, stderr } = await runCommand('inspect', await damaged(damage));
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toContain(damage.says);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test.each([...UNREADABLE, ...BAD_GRAPHS])('transcribe names what is wrong with a model $title', async (damage) => {
  const { code, stdout, stderr } = await runCommand('transcribe', 'samples/pin.wav', '-m', await damaged(damage));
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toContain(damage.says);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('inspect says what a whole model is made of', async () => {
  const { code, stdout } = await runCommand('inspect', whole, '--tensors');
  expect(code).toBe(0);
  expect(stdout).toContain('tiny (en)');
  expect(stdout).toContain('zero oh one');
  expect(stdout).toContain('encode.onnx');
  expect(stdout).toContain('head.kernel');
  expect(stdout).toMatch(/^decoding\.endpointing\.pauseMs +950$/m);
});

test('export writes every graph and how far each is from tfjs', async () => {
  const model = join(folder.path, 'exported');
  await cp(whole, model, { recursive: true });
  await rm(join(model, 'onnx'), { recursive: true });
  const { code, stdout } = await runCommand('export', model, '--json');
  expect(code).toBe(0);
  const reports = JSON.parse(stdout) as { cell: string; worstDifference: number }[];
  expect(reports.map(({ cell }) => cell).toSorted()).toEqual(
    ['decodePrepare', 'decodeStep', 'encode', 'read', 'summarizeInner', 'summarizeLeaf'].toSorted(),
  );
  for (const { worstDifference } of reports) expect(worstDifference).toBeLessThan(1e-4);
});
