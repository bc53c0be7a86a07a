import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest';

import { textOf } from './recordings.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

/** A Python with the library of the published clients, if there is one. */
let python: string | undefined;
let server: TestServer;
beforeAll(async () => {
  python = ['python3', '/usr/bin/python3'].find((name) => spawnSync(name, ['-c', 'import websockets']).status === 0);
  server = await startTestServer();
});
afterAll(() => server.drain(0));

/** The guide's example that says `word`, for the server of this test. */
async function example(language: string, word: string): Promise<string> {
  const guide = await readFile(`${ROOT}docs/guides/server.md`, 'utf8');
  const examples = [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, code = '']) => code,
  );
  return (examples.find((code) => code.includes(word)) ?? '')
    .replaceAll('localhost:2700', `127.0.0.1:${server.voskPort}`)
    .replaceAll('localhost:8080', `127.0.0.1:${server.port}`)
    .replaceAll("(8080, 'localhost')", `(${server.port}, '127.0.0.1')`)
    .replaceAll("'codes-en'", "'codes'");
}

async function runPython(code: string, { skip }: TestContext): Promise<string> {
  skip(python === undefined, 'needs a Python with the package websockets');
  const folder = await mkdtemp(join(tmpdir(), 'hearken-'));
  const file = join(folder, 'client.py');
  await writeFile(file, code);
  const { stdout } = await run(python ?? '', [file], { cwd: ROOT });
  await rm(folder, { recursive: true });
  return stdout;
}

test("the guide's Python client hears what is said in the sample", async (context) => {
  const stdout = await runPython(await example('python', ':2700'), context);
  expect(stdout).toContain(`"text" : "${textOf('phone-number')}"`);
});

test("the guide's Python client of the Realtime protocol hears it as well", async (context) => {
  const stdout = await runPython(await example('python', '/v1/realtime'), context);
  expect(stdout).toContain(`transcription.completed ${textOf('phone-number')}`);
});

test("the guide's client with OpenAI's package hears it as well, and ends", async () => {
  const code = await example('js', 'OpenAIRealtimeWS');
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT });
  expect(stdout).toContain(`final: ${textOf('phone-number')}`);
});
