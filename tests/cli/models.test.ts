import { cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { runCommand } from './run-command.ts';
import { temporaryFolder } from './tiny-model.ts';

const CODES_EN = fileURLToPath(new URL('../../models/codes-en', import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  await cp(join(CODES_EN, 'config.json'), join(folder.path, 'mine', 'config.json'));
  await mkdir(join(folder.path, 'salient-recall'));
  await writeFile(join(folder.path, 'salient-recall', 'config.json'), '{"alphabetSize":66,"labelCount":64}');
  await mkdir(join(folder.path, 'torn'));
  await writeFile(join(folder.path, 'torn', 'config.json'), '{"version":');
  await mkdir(join(folder.path, 'no-model'));
});
afterAll(() => folder[Symbol.asyncDispose]());

type Listing = {
  readonly models: readonly {
    readonly model: string;
    readonly bytes: number;
    readonly comesWithHearken: boolean;
  }[];
  readonly others: readonly { model: string }[];
};

async function listing(...args: readonly string[]): Promise<Listing> {
  const { code, stdout } = await runCommand('models', '--json', ...args);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Listing; // our JSON
}

test('models lists what comes with hearken, with its size and what it hears, and how the others are made', async () => {
  const { models, others } = await listing();
  expect(models.every(({ comesWithHearken }) => comesWithHearken)).toBe(true);
  const spoken = models.find(({ model }) => model === 'codes-en');
  expect(spoken).toMatchObject({ kind: 'speech', folder: CODES_EN });
  const numbers = models.find(({ model }) => model === 'inverse-numbers-en');
  expect(numbers).toMatchObject({ kind: 'sequences', hears: 'takes in 65 words, writes 16 characters' });
  expect(spoken).toMatchObject({ hears: 'en: digits (11 words), letters (26 words), codes (36 words)' });
  const files = ['config.json', 'model.safetensors', 'onnx/encode.onnx'].map((file) => stat(join(CODES_EN, file)));
  const atLeast = (await Promise.all(files)).reduce((sum, { size }) => sum + size, 0);
  expect(spoken?.bytes).toBeGreaterThan(atLeast);
  expect(others.map(({ model }) => model)).toEqual(['salient-recall', 'digits-es']);
  const { stdout } = await runCommand('models');
  expect(stdout).toMatch(/^codes-en +speech +en: digits .* 12\.\d +comes with hearken$/m);
  expect(stdout).toContain('npx hearken train models/salient-recall/recipe.ts');
});

test('the recipes and scripts that models names are there', async () => {
  const { stdout } = await runCommand('models');
  const named = [...stdout.matchAll(/(?:models|scripts|docs)\/[\w/-]+\.(?:ts|md)/g)].map(([file]) => file);
  expect(named.length).toBeGreaterThan(2);
  for (const file of named) await readFile(new URL(`../../${file}`, import.meta.url));
});

test('models lists those in folders of the user, damaged ones with what is wrong', async () => {
  const { models, others } = await listing(folder.path);
  expect(models.filter(({ comesWithHearken }) => !comesWithHearken)).toMatchObject([
    { model: join(folder.path, 'mine'), kind: 'speech', comesWithHearken: false },
    { kind: 'tokens', hears: '66 tokens, answers one of 64 labels', bytes: 35 },
    { kind: 'unknown', problem: expect.stringContaining('Expected `config.json` to be JSON') },
  ]);
  expect(others.map(({ model }) => model)).toEqual(['digits-es']);
  const { models: one } = await listing(join(folder.path, 'mine'));
  expect(one.filter(({ comesWithHearken }) => !comesWithHearken)).toHaveLength(1);
});

test('models refuses a folder that is not there', async () => {
  const { code, stderr } = await runCommand('models', join(folder.path, 'nowhere'));
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('Expected a folder at') });
});
