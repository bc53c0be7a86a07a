import { spawnSync, execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { GRACE_MS } from '../../cli/run-server.ts';
import { missingPrograms, skipNote } from '../installed.ts';
import { connectSocket } from './socket-client.ts';
import { startTestServer } from './test-server.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const dockerfile = readFileSync(`${ROOT}Dockerfile`, 'utf8');
const unit = readFileSync(`${ROOT}deploy/hearken.service`, 'utf8');

test("the container's health check succeeds while a server takes clients, and fails when it does not", async () => {
  const server = await startTestServer({ maximumStreams: 1 });
  const [, command = '[]'] = /^HEALTHCHECK .* CMD (.*)$/m.exec(dockerfile) ?? [];
  const [, ...args] = JSON.parse(command.replace(':8080/', `:${server.port}/`)) as string[]; // as Docker reads it
  const check = (): Promise<number> =>
    new Promise((resolve) => {
      execFile(process.execPath, args, (error) => resolve(error === null ? 0 : Number(error.code)));
    });
  expect(await check()).toBe(0);
  await connectSocket(server.vosk);
  expect(await check()).toBe(1);
  await server.drain(0);
  expect(await check()).toBe(1);
});

test('what the Dockerfile copies is there', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) => files.split(' '));
  expect(copied).toContain('package.json');
  expect(copied.filter((file) => !existsSync(`${ROOT}${file}`))).toEqual([]);
});

test('systemd waits longer for the end of the service than a drain takes', () => {
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
  expect(1000 * seconds).toBeGreaterThan(GRACE_MS);
});

const noSystemd = missingPrograms('systemd-analyze');

test.skipIf(noSystemd.length > 0)(`systemd finds no fault with the unit${skipNote(noSystemd)}`, () => {
  const { stderr } = spawnSync('systemd-analyze', ['verify', `${ROOT}deploy/hearken.service`], { encoding: 'utf8' });
  const faults = stderr
    .split('\n')
    .filter((line) => line.includes('hearken.service') && !line.includes('is not executable'));
  expect(faults).toEqual([]);
});
