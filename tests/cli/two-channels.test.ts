import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Transcript } from '../../src/index.ts';
import { missingPrograms, skipNote } from '../installed.ts';
import { runCommand } from './run-command.ts';
import { temporaryFolder } from './tiny-model.ts';

const missing = missingPrograms('sox');

describe.skipIf(missing.length > 0)(`recordings that sox makes of two channels${skipNote(missing)}`, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const pathOf = (name: string): string => join(folder.path, name);
  const sox = (...args: readonly string[]): void => void execFileSync('sox', args);
  const textOf = (name: string): string => readFileSync(`samples/${name}.txt`, 'utf8').trim();

  beforeAll(async () => {
    folder = await temporaryFolder();
    sox('samples/pin.wav', '-r', '16000', pathOf('a.wav'));
    sox('samples/two-numbers.wav', '-r', '16000', '-c', '1', pathOf('b.wav'));
    sox(pathOf('a.wav'), pathOf('inverted.wav'), 'vol', '-1');
    sox('-M', pathOf('a.wav'), pathOf('b.wav'), pathOf('two.wav'));
    sox('-M', pathOf('a.wav'), pathOf('inverted.wav'), pathOf('opposite.wav'));
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  test('two people, each on a channel, are heard as each alone', async () => {
    const { code, stdout } = await runCommand('transcribe', '--json', '--channel', 'each', pathOf('two.wav'));
    const [transcript] = JSON.parse(stdout) as Transcript[];
    expect(transcript?.text).toBe(`${textOf('pin')}\n${textOf('two-numbers')}`);
    expect(code).toBe(0);
  });

  test('one out of phase is never nothing in silence, and heard by its left channel', async () => {
    const mixed = await runCommand('transcribe', pathOf('opposite.wav'));
    expect(mixed.stderr).toContain('audio/cancelled');
    const { stdout, stderr } = await runCommand('transcribe', '--json', '--channel', 'left', pathOf('opposite.wav'));
    expect((JSON.parse(stdout) as Transcript[])[0]?.text).toBe(textOf('pin'));
    expect(stderr).toBe('');
  });
});
