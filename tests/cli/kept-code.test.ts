import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';

import { runCommand } from './run-command.ts';

const SAMPLE = 'samples/kept-code.wav';
const SAID = 'w four seven one nine nine two zero three k five m three';

type Transcript = {
  readonly text: string;
  readonly words: readonly { readonly word: string; readonly recalled?: true }[];
};

async function heard(): Promise<Transcript> {
  const { stdout } = await runCommand('transcribe', '--json', '--model', 'recall-speech', SAMPLE);
  const [transcript] = JSON.parse(stdout) as Transcript[];
  return transcript!;
}

test('recall-speech gives back the digits that were marked when it is asked for them, other words in between or not', async () => {
  const { text, words } = await heard();
  expect(text.startsWith('w four seven one nine ')).toBe(true);
  expect(text.endsWith(' four seven one nine')).toBe(true);
  expect(words.filter(({ recalled }) => recalled).map(({ word }) => word)).toEqual(['four', 'seven', 'one', 'nine']);
});

test('its picture shows what it looked at when it gave them back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-kept-'));
  try {
    const file = join(folder, 'kept.png');
    const { code } = await runCommand('transcribe', '--model', 'recall-speech', '--attention', file, SAMPLE);
    expect(code).toBe(0);
    expect(PNG.sync.read(await readFile(file)).width).toBeGreaterThan(100);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('codes-en, which keeps nothing, writes all that is said', async () => {
  const { stdout } = await runCommand('transcribe', '--json', SAMPLE);
  expect((JSON.parse(stdout) as { text: string }[])[0]!.text).toBe(`${SAID} q`);
});
