import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

import { textOf } from './recordings.ts';
import { startTestServer } from './test-server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A Python with the library of the published clients, if there is one. */
const python = ['python3', '/usr/bin/python3'].find(
  (name) => spawnSync(name, ['-c', 'import websockets']).status === 0,
);

test.skipIf(python === undefined)("the guide's Python client hears what is said in the sample", async () => {
  const guide = await readFile(`${ROOT}docs/guides/server.md`, 'utf8');
  const [, code = ''] = /^```python\n(.*?)^```$/ms.exec(guide) ?? [];
  const server = await startTestServer();
  const folder = await mkdtemp(join(tmpdir(), 'hearken-'));
  const file = join(folder, 'client.py');
  await writeFile(file, code.replace('localhost:2700', `127.0.0.1:${server.voskPort}`));
  const { stdout } = await promisify(execFile)(python ?? '', [file], { cwd: ROOT });
  expect(stdout).toContain(`"text" : "${textOf('phone-number')}"`);
  await rm(folder, { recursive: true });
  await server.drain(0);
});
