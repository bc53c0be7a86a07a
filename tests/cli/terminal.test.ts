import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import { tones } from '../recognizer/tiny-engine.ts';
import { toneManifest } from '../training/tone-manifest.ts';
import { missingPrograms, skipNote } from '../installed.ts';
import { modesLeft, runOnTerminal } from './pseudo-terminal.ts';
import { temporaryFolder, writeTinyModel } from './tiny-model.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let model: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  model = join(folder.path, 'tiny');
  await writeTinyModel(model);
});
afterAll(() => folder[Symbol.asyncDispose]());

async function floatRecording(name: string): Promise<string> {
  const file = join(folder.path, name);
  await writeFile(file, encodeWav([tones(8)], { sampleRate: 16_000, encoding: 'float32' }));
  return file;
}

/** An hour of silence, which takes no room on the disk. */
async function longRecording(): Promise<string> {
  const file = join(folder.path, 'long.wav');
  const sampleBytes = 2 * 16_000 * 3_600;
  const header = Buffer.from(encodeWav([new Float32Array(0)], { sampleRate: 16_000 }));
  header.writeUInt32LE(36 + sampleBytes, 4);
  header.writeUInt32LE(sampleBytes, 40);
  await writeFile(file, header);
  await truncate(file, 44 + sampleBytes);
  return file;
}

/** Of util-linux, in Debian's package bsdutils: a pseudo-terminal. */
const missing = missingPrograms('script');

describe.skipIf(missing.length > 0)(`on a terminal${skipNote(missing)}`, () => {
  test('a fault in mid-file ends the process, and leaves the terminal as it was', async () => {
    const file = await floatRecording('nan.wav');
    const bytes = await readFile(file);
    bytes.writeFloatLE(Number.NaN, bytes.length - 4 * 2 * 16_000);
    await writeFile(file, bytes);
    const { code, shown } = await runOnTerminal(['transcribe', '--model', model, file]);
    expect(shown).toContain(' % '); // the bar
    expect(shown).toMatch(/hearken: .*got NaN at byte \d+ \(audio\/non-finite-sample\)\r\n$/);
    expect(modesLeft(shown)).toEqual([]);
    expect(code).toBe(1);
  });

  test('Ctrl-C ends transcribe in mid-file, and leaves the terminal as it was', async () => {
    const { code, shown } = await runOnTerminal(['transcribe', '--model', model, await longRecording()], ' % ');
    expect(shown).toMatch(/hearken: interrupted\r\n$/);
    expect(modesLeft(shown)).toEqual([]);
    expect(code).toBe(130);
  });

  test('Ctrl-C ends transcribe that waits for standard input', async () => {
    const { code, shown } = await runOnTerminal(['transcribe', '--model', model, '-'], 'standard input');
    expect(shown).toMatch(/hearken: interrupted\r\n$/);
    expect(code).toBe(130);
  });

  test('Ctrl-C ends train, which has saved where it stands, and leaves the terminal as it was', async () => {
    const train = await toneManifest(folder.path, 'train', 4);
    const dev = await toneManifest(folder.path, 'dev', 2);
    const out = join(folder.path, 'run');
    const { code, shown } = await runOnTerminal(['train', '--manifest', train, '--dev', dev, '--out', out], 'loss');
    expect(shown).toMatch(/hearken: interrupted\r\n$/);
    expect(modesLeft(shown)).toEqual([]);
    expect(code).toBe(130);
    expect((await readFile(join(out, 'run-state.safetensors'))).length).toBeGreaterThan(1_000);
  }, 600_000);

  test('names of files reach it without the commands that stand in them', async () => {
    const file = await floatRecording('\u001B]0;owned\u0007\u009B31m.wav');
    const { shown } = await runOnTerminal(['transcribe', '--model', model, file]);
    expect(shown).toContain('\\u001b]0;owned\\u0007\\u009b31m.wav');
    expect(shown).not.toContain('\u001B]');
    expect(shown).not.toContain('\u009B');
  });
});
