import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import { temporaryFolder, writeTinyModel } from './tiny-model.ts';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;
let recording: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  model = join(folder.path, 'tiny');
  recording = join(folder.path, 'long.wav');
  await writeTinyModel(model);
  // Ten hours of silence, of a size that says so, which take no room on the disk.
  const sampleBytes = 2 * 16_000 * 36_000;
  const header = Buffer.from(encodeWav([new Float32Array(0)], { sampleRate: 16_000 }));
  header.writeUInt32LE(36 + sampleBytes, 4);
  header.writeUInt32LE(sampleBytes, 40);
  await writeFile(recording, header);
  await truncate(recording, 44 + sampleBytes);
});
afterAll(() => folder[Symbol.asyncDispose]());

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends a command in mid-file with a line, and leaves nothing half done',
  async (signal) => {
    const path = join(folder.path, signal);
    await mkdir(path);
    const picture = ['--attention', join(path, 'map.png')];
    const command = [MAIN, 'transcribe', '--model', model, ...picture, recording];
    const child = spawn(process.execPath, ['--import', 'tsx', ...command], { stdio: ['ignore', 'pipe', 'pipe'] });
    const told = text(child.stderr);
    await once(child.stdout, 'data'); // the name of the recording, which it begins to hear
    expect(await readdir(path)).toEqual([]);
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([null, signal]);
    expect(await told).toBe('hearken: interrupted\n');
    expect(await readdir(path)).toEqual([]);
  },
);
