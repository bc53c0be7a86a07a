/** The example that reverses strings, as whoever has installed the package runs it, and what it leaves, as the program takes it. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { beforeAll, describe, expect, inject, test } from 'vitest';

import { createGuideProject, type GuideProject } from './guide-project.ts';
import { linkPackage, ROOT } from './packed.ts';

const runFile = promisify(execFile);

/** It trains for a minute on an idle core. */
const PATIENCE_MS = 900_000;

describe('the example that reverses strings', () => {
  let project: GuideProject;
  /** The lines that it printed. */
  let lines: readonly string[];
  let source: string;

  beforeAll(async () => {
    project = await createGuideProject(inject('packed'), { withTraining: true });
    const { folder } = project;
    for (const name of ['@types/node', 'undici-types']) await linkPackage(join(folder, 'node_modules'), name);
    await mkdir(join(folder, 'src'));
    await cp(join(folder, 'node_modules/hearken/docs/examples/reverse.ts'), join(folder, 'src/reverse.ts'));
    source = await readFile(join(folder, 'src/reverse.ts'), 'utf8');
    const options = '--strict --noUncheckedIndexedAccess --module nodenext --target es2022 --types node --skipLibCheck';
    const args = [
      ...options.split(' '),
      '--lib',
      'es2023,esnext.disposable,dom',
      '--outDir',
      'built',
      'src/reverse.ts',
    ];
    await runFile(join(ROOT, 'node_modules/.bin/tsc'), args, { cwd: folder }); // types are those of the package
    const { stdout } = await runFile(process.execPath, ['built/reverse.js', 'reverse'], { cwd: folder });
    lines = stdout.trimEnd().split('\n');
  }, PATIENCE_MS);

  test('is at most 60 lines, and imports what is public alone', () => {
    expect(source.trimEnd().split('\n').length).toBeLessThanOrEqual(60);
    const imported = [...source.matchAll(/from '([^']+)'/g)].map(([, name]) => name);
    expect(imported.length).toBeGreaterThan(4);
    expect(imported.filter((name) => !/^hearken(\/[a-z]+)?$/.test(name ?? ''))).toEqual([]);
  });

  test('reverses at least 99 % of strings that training has not seen', () => {
    const [, accuracy] = /^accuracy (\d+\.\d) % in \d+ s$/.exec(lines.at(-1) ?? '') ?? [];
    expect(Number(accuracy)).toBeGreaterThanOrEqual(99);
  });

  test('draws an alignment whose largest shares lie on the diagonal from top right to bottom left', () => {
    const picture = lines.slice(0, -1);
    expect(picture.length).toBe(8);
    const darkest = picture.map((line) => {
      const shades = Array.from(line, (shade) => ' .-:=+*#%@'.indexOf(shade));
      return shades.indexOf(Math.max(...shades));
    });
    const near = darkest.filter((column, row) => Math.abs(column - (7 - row)) <= 1);
    expect(near.length, picture.join('\n')).toBe(8);
  });

  test('leaves a model that is inspected, exported, decoded and measured as any other', async () => {
    const { folder, run } = project;
    expect((await run('hearken', ['inspect', 'reverse'])).stdout).toContain('reverse');
    expect((await run('hearken', ['export', 'reverse'])).stdout).toContain('decodeStep');
    expect((await run('hearken', ['decode', 'reverse', 'abcdef', 'hgh'])).stdout).toBe('fedcba\nhgh\n');
    await writeFile(join(folder, 'pairs.tsv'), 'abcd\tdcba\ngfedc\tcdefg\nha\tah\n');
    const { stdout } = await run('hearken', ['eval', 'reverse', '--pairs', 'pairs.tsv', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ sequences: { errors: 0, total: 3 } });
  });
});
