import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { LAYERS, lintRules, withTable } from '../scripts/layers.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

test('the table in ARCHITECTURE.md and the rules of lint are those of scripts/layers.ts', async () => {
  const architecture = await readFile(`${ROOT}ARCHITECTURE.md`, 'utf8');
  expect(withTable(architecture)).toBe(architecture);
  expect(JSON.parse(await readFile(`${ROOT}layers.oxlintrc.json`, 'utf8'))).toEqual(lintRules());
});

test('no two layers may import each other', () => {
  const importsOf = new Map(LAYERS.map(({ folder, imports }) => [folder, imports]));
  const both = LAYERS.flatMap(({ folder, imports }) =>
    imports.filter((other) => importsOf.get(other)?.includes(folder)).map((other) => `${folder} ${other}`),
  );
  expect(both.filter((pair) => !/\b(bench|scripts)\b/.test(pair))).toEqual([]);
});

/** What a file imports, and whether it may. */
const PLANTED = [
  ['client/a.ts', '../src/errors.ts', false],
  ['client/b.ts', '../server/connection-limiter.ts', false],
  ['client/c.ts', 'node:fs', false],
  ['client/d.ts', './protocol.ts', true],
  ['client/e.ts', '../src/queue/bounded-queue.ts', true],
  ['client/f.ts', '../src/audio/pcm.ts', false],
  ['console/a.ts', '../server/connection-limiter.ts', false],
  ['server/native/a.ts', '../../cli/run.ts', false],
  ['server/native/b.ts', 'ws', false],
  ['server/native/c.ts', '../../client/protocol.ts', true],
  ['server/websockets.ts', 'ws', true],
  ['src/queue/a.ts', 'node:events', false],
  ['src/queue/b.ts', 'rxjs', false],
  ['src/ctc/a.ts', '../recognizer/model.ts', false],
  ['src/ctc/b.ts', '../../client/protocol.ts', false],
  ['src/ctc/c.ts', '../errors.ts', true],
  ['src/memory/a.ts', '../model/config.ts', false],
  ['src/cell/a.ts', '../memory/read.ts', false],
  ['src/recognizer/a.ts', 'rxjs', false],
  ['src/recognizer/b.ts', '@tensorflow/tfjs-core', false],
  ['src/recognizer/c.ts', '../ctc/score.ts', true],
  ['streams/a.ts', '../server/serve.ts', false],
  ['streams/b.ts', '../src/recognizer/model.ts', true],
  ['models/x/recipe.ts', '../../server/serve.ts', false],
  ['corpora/a.ts', '../models/codes-en/words.ts', false],
  ['tests/a.test.ts', '../src/recognizer/model.ts', true],
] as const;

describe('of imports that are planted, lint', () => {
  let folder = '';
  let found = '';
  beforeAll(async () => {
    await mkdir(`${ROOT}.runs`, { recursive: true });
    folder = await mkdtemp(`${ROOT}.runs/layers-`);
    for (const file of ['.oxlintrc.json', 'layers.oxlintrc.json']) {
      await writeFile(path.join(folder, file), await readFile(`${ROOT}${file}`));
    }
    for (const [file, specifier] of PLANTED) {
      await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
      await writeFile(
        path.join(folder, file),
        `import { it } from '${specifier}';\n\nexport const own: unknown = it;\n`,
      );
    }
    const run = promisify(execFile)(
      `${ROOT}node_modules/.bin/oxlint`,
      ['--format', 'unix', ...PLANTED.map(([file]) => path.join(folder, file))],
      { cwd: folder },
    );
    ({ stdout: found } = await run.catch((error: { stdout: string }) => error));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each(PLANTED)('in %s: of %s says that it is allowed: %s', (file, _, isAllowed) => {
    const said = found
      .split('\n')
      .filter((line) => line.includes(`${file}:`) && line.includes('no-restricted-imports'));
    expect(said).toHaveLength(isAllowed ? 0 : 1);
  });
});
