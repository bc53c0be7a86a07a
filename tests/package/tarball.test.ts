import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { pack, type Packed, ROOT } from './packed.ts';

const runFile = promisify(execFile);

describe('the packed package', () => {
  let packed: Packed;
  const textOf = (file: string): Promise<string> =>
    readFile(join(packed.consumer, 'node_modules/hearken', file), 'utf8');
  const ofKind = (kind: RegExp): string[] => packed.files.filter((file) => kind.test(file));

  beforeAll(async () => {
    packed = await pack();
    // The build script of `package.json` does the same.
    await chmod(join(packed.consumer, 'node_modules/hearken/dist/cli/main.js'), 0o755);
  }, 600_000);
  afterAll(() => rm(packed.folder, { recursive: true, force: true }));

  test('has no source map of sources that are not in it', async () => {
    const missing: string[] = [];
    for (const file of ofKind(/\.(js|mjs|css|d\.ts)$/)) {
      const [, map] = /[#@] sourceMappingURL=(\S+)\s*$/.exec(await textOf(file)) ?? [];
      if (map !== undefined && !packed.files.includes(besides(file, map))) missing.push(`${file}: ${map}`);
    }
    for (const file of ofKind(/\.map$/)) {
      const { sources } = JSON.parse(await textOf(file)) as { sources: string[] }; // of the form that every map has
      missing.push(...sources.filter((source) => !packed.files.includes(besides(file, source))));
    }
    expect(missing).toEqual([]);
  });

  test('has every page, picture and file that its documents link to', async () => {
    const missing: string[] = [];
    let count = 0;
    for (const file of ofKind(/\.md$/)) {
      for (const [, link = ''] of (await textOf(file)).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
        if (/^[a-z]+:/.test(link)) continue;
        count++;
        const target = besides(file, link).replace(/\/$/, '');
        if (!packed.files.some((each) => each === target || each.startsWith(`${target}/`))) {
          missing.push(`${file}: ${link}`);
        }
      }
    }
    expect(missing).toEqual([]);
    expect(count).toBeGreaterThan(30);
  });

  test("has every sample that the README's commands name, and transcribes it where it is installed", async () => {
    const readme = await textOf('README.md');
    const named = new Set([...readme.matchAll(/samples\/([a-z-]+)\.wav/g)].map(([, name = '']) => name));
    expect(named.size).toBeGreaterThan(0);
    for (const name of named) expect(packed.files).toContain(`samples/${name}.wav`);
    const { stdout } = await runFile(
      join(packed.consumer, 'node_modules/.bin/hearken'),
      ['transcribe', '--json', 'node_modules/hearken/samples/pin.wav'],
      { cwd: packed.consumer },
    );
    expect(stdout).toContain(readFileSync(join(ROOT, 'samples/pin.txt'), 'utf8').trim());
  });

  test('gives every entry point to a project that has it installed', async () => {
    const { exports } = JSON.parse(await textOf('package.json')) as { exports: Record<string, unknown> }; // ours
    // `hearken/training` is tfjs; what a recipe imports is there wherever recipes can be trained.
    const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json') && entry !== './training');
    const lines = entries.map((entry) => `await import(${JSON.stringify(posix.join('hearken', entry))});`);
    await writeFile(join(packed.consumer, 'entries.mjs'), `${lines.join('\n')}\nconsole.log(${lines.length});\n`);
    const { stdout } = await runFile(process.execPath, ['entries.mjs'], { cwd: packed.consumer });
    expect(stdout).toBe(`${entries.length}\n`);
  });
});

/** The path in the package that `file` means by `link`. */
function besides(file: string, link: string): string {
  return posix.normalize(posix.join(posix.dirname(file), link));
}
