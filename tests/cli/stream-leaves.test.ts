/** `hearken stream` of a model with a cold store: its leaves lie in --leaves, and snapshots name them. */
import { execFile } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { loadBackend } from '../../src/backend/backends.ts';
import { exportModel } from '../../src/export/export-model.ts';
import { writeCheckpoint } from '../../src/model/checkpoint.ts';
import { initModel } from '../../src/model/forward.ts';
import { Random } from '../../src/tensor/random.ts';
import { COLD_CONFIG } from '../tokens/cold-config.ts';
import { runCommand, spawnCommand } from './run-command.ts';
import { temporaryFolder } from './tiny-model.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

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

test('two runs with a snapshot between them answer as one, and the snapshot goes on again until its leaves are removed', async () => {
  const [leaves, snapshot] = [join(folder.path, 'leaves'), join(folder.path, 'half.state')];
  const whole = await spawnCommand(['stream', '--model', model], lines(0, 128));
  const first = await spawnCommand(['stream', '-m', model, '--leaves', leaves, '--snapshot', snapshot], lines(0, 64));
  expect(await readdir(leaves)).toHaveLength(1);
  const resume = ['stream', '-m', model, '--resume', snapshot, '--leaves', leaves];
  const second = await spawnCommand(resume, lines(64, 128));
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout + second.stdout).toBe(whole.stdout);
  const failed = await spawnCommand(resume, new TextEncoder().encode('5\n12\n'));
  expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining('1 symbol of the input was taken in\n') });
  const newer = [...resume, '--snapshot', join(folder.path, 'newer.state')];
  expect(await spawnCommand(newer, lines(64, 128))).toEqual(second);
  expect(await spawnCommand(resume, lines(64, 128))).toEqual({
    ...second,
    stderr:
      'hearken: letting go of 64 leaves that were written after the snapshot; a newer snapshot of the stream cannot be gone on with\n',
  });
  await rm(leaves, { recursive: true });
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

test.skipIf(process.platform === 'win32')(
  'a stream whose leaves find no room ends with the cause, and the snapshot that it went on from still goes on',
  async () => {
    const [leaves, snapshot] = [join(folder.path, 'full'), join(folder.path, 'full.state')];
    await spawnCommand(['stream', '-m', model, '--leaves', leaves, '--snapshot', snapshot], lines(0, 64));
    const resume = ['stream', '--model', model, '--resume', snapshot, '--leaves', leaves];
    const shell = `ulimit -f 4; printf '%s\\n' "$1" | exec "$0" --import tsx ${MAIN} ${resume.join(' ')}`;
    const limited = promisify(execFile)('bash', ['-c', shell, process.execPath, '5\n'.repeat(100)]);
    await expect(limited).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Expected to keep leaves in .*full.*, got EFBIG: .* \(leaves\/failed\)\n$/),
    });
    expect(await spawnCommand(resume, lines(64, 66))).toMatchObject({ code: 0, stderr: '' });
  },
);

test('a folder of leaves that is none, and a snapshot that is damaged, are refused by their names', async () => {
  const file = join(folder.path, 'file');
  await writeFile(file, 'x');
  expect(await runCommand('stream', '-m', model, '--leaves', file)).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(
      /^hearken: Expected to keep leaves in .*file.*, got ENOTDIR: .* \(leaves\/folder\)\n$/,
    ),
  });
  expect(await runCommand('stream', '-m', model, '--resume', file)).toMatchObject({
    code: 2,
    stderr: `hearken: Expected a whole snapshot, got bytes that are not one in ${file} (snapshot/damaged)\n`,
  });
});
