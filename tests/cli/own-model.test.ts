import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { HiddenMemoryReport } from '../../corpora/hidden-memory.ts';
import { runCommand } from './run-command.ts';
import { temporaryFolder } from './tiny-model.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: Awaited<ReturnType<typeof temporaryFolder>>;

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder[Symbol.asyncDispose]());

type Line = { readonly file: string; readonly duration: number; readonly text: string; readonly offset?: number };

async function manifest(name: string, lines: readonly Line[]): Promise<string> {
  const path = join(folder.path, name);
  const rows = lines.map(({ file, ...rest }) => JSON.stringify({ audio_filepath: join(ROOT, file), ...rest }));
  await writeFile(path, rows.join('\n'));
  return path;
}

describe("eval on recordings of one's own", () => {
  const PIN = { file: 'samples/pin.wav', duration: 4.14 };

  test('counts no error where all is heard, written as words or as labels', async () => {
    const path = await manifest('right.jsonl', [
      { ...PIN, text: 'four seven two nine' },
      { ...PIN, text: '4 SEVEN 2 9' },
      { file: 'samples/two-numbers.wav', offset: 0, duration: 8.6, text: 'nine one one three zero eight six six two' },
    ]);
    const { code, stdout } = await runCommand('eval', 'codes-en', '--manifest', path, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ manifest: path, errors: 0, total: 17, wer: 0, unknownWords: [] });
  });

  test('counts a wrong word, one too many and one that was missed, and says where', async () => {
    const path = await manifest('wrong.jsonl', [
      { ...PIN, text: 'four seven two eight' },
      { ...PIN, text: 'four seven two' },
      { ...PIN, text: 'hello four seven two nine' },
    ]);
    const json = await runCommand('eval', 'codes-en', '--manifest', path, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      errors: 3,
      total: 12,
      substitutions: 1,
      insertions: 1,
      deletions: 1,
      wer: 0.25,
      unknownWords: ['hello'],
      entries: [{ errors: 1 }, { place: `line 2 of ${path}`, errors: 1, heard: ['four', 'seven', 'two', 'nine'] }, {}],
    });
    const { code, stdout } = await runCommand('eval', 'codes-en', '--manifest', path);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +3 +12 +25\.00 % .* 1 +1 +1$/m);
    expect(stdout).toContain(`line 2 of ${path}: 'four seven two' was heard as 'four seven two nine'`);
    expect(stdout).toContain('not in the grammar codes: hello');
  });

  test('tells what hiding the memory changes: attention alone loses what is older than the window, CTC nothing', async () => {
    const path = await manifest('hidden.jsonl', [
      { ...PIN, text: 'four seven two nine' },
      { file: 'samples/two-numbers.wav', offset: 0, duration: 8.6, text: 'nine one one three zero eight six six two' },
    ]);
    const asked = ['eval', 'codes-en', '--manifest', path, '--hide-memory'];
    const attention = await runCommand(...asked, 'decoder', '--decoder', 'attention', '--json');
    const { errors, hidden } = JSON.parse(attention.stdout) as { errors: number; hidden: HiddenMemoryReport };
    expect(errors).toBe(0);
    expect(hidden).toMatchObject({ from: 'decoder', connected: { errors: 0, total: 13 } });
    expect(hidden).not.toHaveProperty('rows');
    expect(hidden.connected?.errorsHidden).toBeGreaterThan(6);
    expect(hidden.connected?.ci95.low).toBeGreaterThan(0.5);
    expect(hidden.changed.map(({ item, speaker }) => ({ item, speaker }))).toEqual([
      { item: 1, speaker: `line 1 of ${path}` },
      { item: 2, speaker: `line 2 of ${path}` },
    ]);
    for (const { said, heard, heardHidden } of hidden.changed) {
      expect(heard).toEqual(said);
      expect(heardHidden).not.toEqual(said);
    }
    const { code, stdout } = await runCommand(...asked, 'both', '--decoder', 'ctc');
    expect(code).toBe(0);
    expect(stdout).toContain("the memory's summaries hidden from CTC's read and the attention decoder");
    expect(stdout).toMatch(/^connected +0 +0 +13 +0\.00 % +0\.00 % to 0\.00 % +0$/m);
    const [, kl, changed, rows] = /mean KL (\S+) nats, another label in (\d+) of (\d+)$/m.exec(stdout) ?? [];
    expect(Number(kl)).toBeGreaterThan(0); // the read does look there
    expect(Number(kl)).toBeLessThan(1e-3);
    expect([Number(changed), Number(rows)]).toEqual([0, 334]);
  });
});

test('a model that comes with hearken is known by its name wherever one works', async () => {
  // As `npm install` leaves it: the package without its sources' folder as the working directory.
  const project = join(folder.path, 'project');
  const installed = join(project, 'node_modules', 'hearken');
  await mkdir(installed, { recursive: true });
  for (const name of ['cli', 'client', 'corpora', 'server', 'src', 'package.json', 'models']) {
    await cp(join(ROOT, name), join(installed, name), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
  const hearken = (...args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const main = [join(installed, 'cli', 'main.ts'), ...args];
      execFile(
        process.execPath,
        ['--import', join(ROOT, 'node_modules/tsx/dist/loader.mjs'), ...main],
        { cwd: project },
        (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });
  const inspected = await hearken('inspect', 'codes-en');
  expect(inspected).toMatchObject({ code: 0, stderr: '' });
  expect(inspected.stdout).toContain('codes-en (en)');
  const exported = await hearken('export', 'codes-en', '--json');
  expect(exported).toMatchObject({ code: 0 });
  expect(exported.stdout).toContain(join(installed, 'models', 'codes-en', 'onnx', 'encode.onnx'));
  const begun = await hearken('train', join(ROOT, 'models/salient-recall/recipe.ts'), '--from', 'codes-en');
  expect(begun.stderr).toContain('Expected a recipe of a model with --from'); // it was found, and is of another task
});
