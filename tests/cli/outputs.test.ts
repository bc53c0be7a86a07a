import { execFile, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chmod, copyFile, link, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import { tones } from '../recognizer/tiny-engine.ts';
import { toneManifest } from '../training/tone-manifest.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import { temporaryFolder, writeTinyModel } from './tiny-model.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;
let recording: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  model = join(folder.path, 'tiny');
  recording = join(folder.path, 'tones.wav');
  await writeTinyModel(model);
  await writeFile(recording, encodeWav([tones(2)], { sampleRate: 16_000 }));
});
afterAll(() => folder[Symbol.asyncDispose]());

function draw(picture: string): Promise<CommandResult> {
  return runCommand('transcribe', '--model', model, recording, '--attention', picture);
}

/** A folder of its own for a test, with the names of what is left in it. */
async function emptyFolder(name: string): Promise<{ path: string; left: () => Promise<string[]> }> {
  const path = join(folder.path, name);
  await mkdir(path);
  return { path, left: async () => (await readdir(path)).toSorted() };
}

/** Runs a command line of which no file may grow beyond so many KiB: the same to the writer as a disk without room. */
function runOnFullDisk(kibibytes: number, args: readonly string[]): Promise<{ code: unknown; stderr: string }> {
  const limited = `ulimit -f ${kibibytes}; exec "$@"`;
  return new Promise((resolve) => {
    execFile('bash', ['-c', limited, 'bash', process.execPath, '--import', 'tsx', MAIN, ...args], (error, _, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });
}

describe('the picture of the attention', () => {
  test('is not drawn over the recording, by whatever name it is called', async () => {
    const { path, left } = await emptyFolder('inputs');
    const before = await readFile(recording);
    await link(recording, join(path, 'hard.png'));
    await symlink(recording, join(path, 'soft.png'));
    for (const picture of [recording, join(path, 'hard.png'), join(path, 'soft.png')]) {
      const { code, stdout, stderr } = await draw(picture);
      expect(stderr).toContain(`got ${picture}, which is read`);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
    expect(await readFile(recording)).toEqual(before);
    expect(await left()).toEqual(['hard.png', 'soft.png']);
  });

  test('is not drawn over a file of another kind, such as a list of words that is read or a note that is not', async () => {
    const { path, left } = await emptyFolder('others');
    const note = join(path, 'note.png');
    await writeFile(note, 'one');
    const { code, stderr } = await draw(note);
    expect(stderr).toContain('which holds something else');
    expect(code).toBe(2);
    const read = await runCommand('transcribe', '-m', model, recording, '--attention', note, '--grammar', note);
    expect(read.stderr).toContain('which is read');
    expect(await readFile(note, 'utf8')).toBe('one');
    expect(await left()).toEqual(['note.png']);
  });

  test('takes the place of an older one, its permissions and its link', async () => {
    const { path, left } = await emptyFolder('older');
    const [picture, name] = [join(path, 'map.png'), join(path, 'link.png')];
    await copyFile('cli/picture/font.png', picture);
    await chmod(picture, 0o640);
    await symlink('map.png', name);
    expect(await draw(name)).toMatchObject({ code: 0 });
    expect(PNG.sync.read(await readFile(picture)).width).toBeGreaterThan(1_200);
    expect((await stat(picture)).mode & 0o777).toBe(0o640);
    expect(await left()).toEqual(['link.png', 'map.png']);
  });

  test('goes where a link leads to, though nothing is there yet', async () => {
    const { path, left } = await emptyFolder('dangling');
    await symlink('later.png', join(path, 'link.png'));
    expect(await draw(join(path, 'link.png'))).toMatchObject({ code: 0 });
    expect(PNG.sync.read(await readFile(join(path, 'later.png'))).width).toBeGreaterThan(1_200);
    expect(await readlink(join(path, 'link.png'))).toBe('later.png');
    expect(await left()).toEqual(['later.png', 'link.png']);
  });

  test('is refused before the work where a link leads nowhere', async () => {
    const { path, left } = await emptyFolder('nowhere');
    const links = { 'gone.png': join(path, 'none', 'a.png'), 'loop.png': 'loop.png' };
    for (const [name, target] of Object.entries(links)) {
      await symlink(target, join(path, name));
      const { code, stdout, stderr } = await draw(join(path, name));
      expect(stderr).toMatch(/where nothing can be written \((?:ENOENT|ELOOP)\)\n$/);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(await readlink(join(path, name))).toBe(target);
    }
    expect(await left()).toEqual(Object.keys(links));
  });

  test('does not go where the words go', async () => {
    const { path, left } = await emptyFolder('words');
    const both = join(path, 'both.png');
    const descriptor = openSync(both, 'w');
    const command = [MAIN, 'transcribe', '--model', model, recording, '--attention'];
    for (const [picture, stdout] of [
      [both, descriptor] as const,
      ['/dev/stdout', 'pipe'] as const,
      ['-', 'pipe'] as const,
    ]) {
      const child = spawnSync(process.execPath, ['--import', 'tsx', ...command, picture], {
        stdio: ['ignore', stdout, 'pipe'],
        encoding: 'utf8',
      });
      expect(child.stderr).toContain(`got ${picture}: standard output and error are for lines`);
      expect(child.status).toBe(2);
      expect(child.stdout ?? '').toBe('');
    }
    closeSync(descriptor);
    expect((await stat(both)).size).toBe(0);
    expect(await left()).toEqual(['both.png']);
  });

  test('leaves the older one where the recording cannot be heard', async () => {
    const { path, left } = await emptyFolder('unheard');
    const picture = join(path, 'map.png');
    await copyFile('cli/picture/font.png', picture);
    const { code } = await runCommand('transcribe', '-m', model, 'package.json', '--attention', picture);
    expect(code).toBe(1);
    expect(await readFile(picture)).toEqual(await readFile('cli/picture/font.png'));
    expect(await left()).toEqual(['map.png']);
  });

  test.skipIf(process.platform !== 'linux')('is whole or not there where the disk is full', async () => {
    const { path, left } = await emptyFolder('full');
    const args = ['transcribe', '-m', model, recording, '--attention', join(path, 'map.png')];
    const { code, stderr } = await runOnFullDisk(1, args);
    expect(stderr).toBe(
      `hearken: ${recording}: Expected to write ${join(path, 'map.png')}, got EFBIG (output/unwritable)\n`,
    );
    expect(code).toBe(1);
    expect(await left()).toEqual([]);
  });
});

describe('the folder of a training run', () => {
  test('is not made where there is nothing to train on', async () => {
    const out = join(folder.path, 'nothing');
    const { code } = await runCommand('train', 'samples/pin.wav', '--out', out);
    expect(code).toBe(2);
    await expect(stat(out)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is not that of a model, nor that of a run which is not gone on with', async () => {
    const train = await toneManifest(folder.path, 'train', 4);
    const args = ['train', '--manifest', train, '--dev', train, '--out', model];
    const before = await readFile(join(model, 'model.safetensors'));
    for (const more of [[], ['--resume'], ['--from', model]]) {
      const { code, stdout, stderr } = await runCommand(...args, ...more);
      expect(stderr).toContain(`got ${model}, which holds a model (config.json)`);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    }
    expect(await readFile(join(model, 'model.safetensors'))).toEqual(before);
  });

  test.skipIf(process.platform !== 'linux')('holds no half file where the disk is full', async () => {
    const { path, left } = await emptyFolder('full-run');
    const train = await toneManifest(folder.path, 'short', 4);
    const args = ['train', '--manifest', train, '--dev', train, '--out', path, '--steps', '1'];
    const { code, stderr } = await runOnFullDisk(100, args);
    expect(stderr).toMatch(/\nhearken: EFBIG: file too large, write\n$/);
    expect(code).toBe(1);
    expect(await left()).toEqual(['log.jsonl']);
  });
});
