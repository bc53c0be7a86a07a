import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

const run = promisify(execFile);
const FORBIDDEN = join(tmpdir(), `hearken-forbidden-${process.pid}`);

const ATTEMPTS: Readonly<Record<string, () => unknown>> = {
  spawnSync: () => spawnSync('true'),
  execFile: () => run('true'),
  mkdtempSync: () => mkdtempSync(FORBIDDEN),
  writeFile: () => writeFile(FORBIDDEN, ''),
  listen: () => createServer().listen(0, '127.0.0.1'),
  connect: () => connect(1, '127.0.0.1'),
};

/** What each comes to where a test file is only read: here. */
const refusals = Object.entries(ATTEMPTS).map(([name, attempt]) => {
  try {
    attempt();
    return [name, 'no error'] as const;
  } catch (error) {
    return [name, String(error)] as const;
  }
});

test.each(refusals)('a test file that calls %s while it is read is told so', (name, refusal) => {
  expect(refusal).toBe(`Error: Expected nothing to happen while tests are read, got a call of \`${name}\``);
  expect(existsSync(FORBIDDEN)).toBe(false);
});

test('tests start processes and write files as ever', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-allowed-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'written'), 'by a test');
  const { stdout } = await run('cat', [join(folder, 'written')]);
  expect(stdout).toBe('by a test');
});
