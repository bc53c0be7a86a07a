import { cp, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { packageFile } from '../../src/package-root.ts';
import { runCommand } from './run-command.ts';
import { temporaryFolder } from './tiny-model.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
  for (const file of ['config.json', 'model.safetensors']) {
    await cp(packageFile(join('models/codes-en', file)), join(folder.path, file));
  }
});
afterAll(() => folder[Symbol.asyncDispose]());

test('hearken export --precision float16 writes half the bytes, and the words and their times stay', async () => {
  const sizeOf = async (model: string): Promise<number> => {
    const graphs = join(model, 'onnx');
    const files = await readdir(graphs);
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(graphs, file))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  };
  const exported = await runCommand('export', folder.path, '--precision', 'float16', '--json');
  expect(exported.code).toBe(0);
  for (const { worstDifference } of JSON.parse(exported.stdout) as { readonly worstDifference: number }[]) {
    expect(worstDifference).toBeLessThan(1e-2);
  }
  expect((await sizeOf(folder.path)) / (await sizeOf(packageFile('models/codes-en')))).toBeLessThan(0.55);

  for (const sample of ['samples/pin.wav', 'samples/two-numbers.wav']) {
    const half = await runCommand('transcribe', sample, '--model', folder.path, '--srt');
    const single = await runCommand('transcribe', sample, '--model', 'codes-en', '--srt');
    expect(half).toMatchObject({ code: 0, stdout: single.stdout });
  }
});

test('another precision is refused', async () => {
  const { code, stderr } = await runCommand('export', folder.path, '--precision', 'int8');
  expect(code).toBe(2);
  expect(stderr).toContain('Allowed choices are float32, float16');
});
