import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, inject, test } from 'vitest';

import { consumerOf, ROOT } from './packed.ts';

const runFile = promisify(execFile);

describe('the packed package', () => {
  const { files } = inject('packed');
  let consumer: string;
  const textOf = (file: string): Promise<string> => readFile(join(consumer, 'node_modules/hearken', file), 'utf8');
  const ofKind = (kind: RegExp): string[] => files.filter((file) => kind.test(file));

  beforeAll(async () => {
    consumer = await consumerOf(inject('packed'));
  });

  test('has no source map of sources that are not in it', async () => {
    const missing: string[] = [];
    for (const file of ofKind(/\.(js|mjs|css|d\.ts)$/)) {
      const [, map] = /[#@] sourceMappingURL=(\S+)\s*$/.exec(await textOf(file)) ?? [];
      if (map !== undefined && !files.includes(besides(file, map))) missing.push(`${file}: ${map}`);
    }
    for (const file of ofKind(/\.map$/)) {
      const { sources } = JSON.parse(await textOf(file)) as { sources: string[] }; // of the form that every map has
      missing.push(...sources.filter((source) => !files.includes(besides(file, source))));
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
        if (!files.some((each) => each === target || each.startsWith(`${target}/`))) {
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
    for (const name of named) expect(files).toContain(`samples/${name}.wav`);
    const { stdout } = await runFile(
      join(consumer, 'node_modules/.bin/hearken'),
      ['transcribe', '--json', 'node_modules/hearken/samples/pin.wav'],
      { cwd: consumer },
    );
    expect(stdout).toContain(readFileSync(join(ROOT, 'samples/pin.txt'), 'utf8').trim());
  });

  test('gives every entry point to a project that has it installed', async () => {
    const { exports } = JSON.parse(await textOf('package.json')) as { exports: Record<string, unknown> }; // ours
    // These are tfjs; what recipes and scores import is there wherever models can be trained.
    const ofTraining = new Set([
      './training',
      './attention',
      './decoder',
      './encoder',
      './losses',
      './memory',
      './model',
    ]);
    const entries = Object.keys(exports).filter((entry) => !entry.endsWith('.json') && !ofTraining.has(entry));
    const lines = entries.map((entry) => `await import(${JSON.stringify(posix.join('hearken', entry))});`);
    await writeFile(join(consumer, 'entries.mjs'), `${lines.join('\n')}\nconsole.log(${lines.length});\n`);
    const { stdout } = await runFile(process.execPath, ['entries.mjs'], { cwd: consumer });
    expect(stdout).toBe(`${entries.length}\n`);
  });
});

/** The path in the package that `file` means by `link`. */
function besides(file: string, link: string): string {
  return posix.normalize(posix.join(posix.dirname(file), link));
}
