/** `hearken stream` of a model with a cold store: its leaves lie in --leaves, and snapshots name them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import { initModel } from '../../src/model/forward.ts';
import { Random } from '../../src/tensor/random.ts';
import { COLD_CONFIG } from '../tokens/cold-config.ts';
import { runCommand, spawnCommand } from './run-command.ts';
import { temporaryFolder } from './tiny-model.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;
beforeAll(async () => {
  await loadBackend('cpu');
  folder = await temporaryFolder();
  model = join(folder.path, 'model');
  await writeCheckpoint(model, { config: COLD_CONFIG, weights: initModel(COLD_CONFIG, Random.seeded(3)) });
  await exportModel(model);
});
afterAll(() => folder[Symbol.asyncDispose]());

const lines = (from: number, to: number): Uint8Array =>
  new TextEncoder().encode(
    Array.from({ length: to - from }, (_, index) => `${((from + index) ** 2 + 3) % 12}\n`).join(''),
  );

test('two runs with a snapshot between them answer as one; the second deletes the leaves at its end', async () => {
  const [leaves, snapshot] = [join(folder.path, 'leaves'), join(folder.path, 'half.state')];
  const whole = await spawnCommand(['stream', '--model', model], lines(0, 128));
  const first = await spawnCommand(['stream', '-m', model, '--leaves', leaves, '--snapshot', snapshot], lines(0, 64));
  expect(await readdir(leaves)).toHaveLength(1);
  const resume = ['stream', '-m', model, '--resume', snapshot, '--leaves', leaves];
  const second = await spawnCommand(resume, lines(64, 128));
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout + second.stdout).toBe(whole.stdout);
  expect(await readdir(leaves)).toEqual([]);
  expect(await runCommand(...resume)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/the 60 leaves of the stream, got none in .*\(snapshot\/cold-store\)\n$/),
  });
});

test('a snapshot without a place for the leaves is refused before anything is taken in', async () => {
  const asked = await runCommand('stream', '-m', model, '--snapshot', join(folder.path, 'never.state'));
  expect(asked).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('Expected --leaves <folder> with --snapshot'),
  });
});
