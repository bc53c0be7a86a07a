import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { EventMessage } from '../../client/index.ts';
import { pcmOf, textOf } from './recordings.ts';
import { startTestServer, type TestServer } from './test-server.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.drain(0));

type Result = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** `hearken listen` in a process of its own. */
function listen(args: readonly string[], input?: Buffer): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/main.ts', 'listen', ...args],
      { cwd: root },
      (error, stdout, stderr) => resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr }),
    );
    if (input === undefined) createReadStream('/dev/null').pipe(child.stdin as NodeJS.WritableStream);
    else child.stdin?.end(input);
  });
}

const url = (): string => `ws://127.0.0.1:${server.port}/v1/stream`;

test('prints the words of a recording with their times', async () => {
  const { exitCode, stdout } = await listen(['samples/pin.wav', '--grammar', 'digits', '--url', url()]);
  expect(exitCode).toBe(0);
  const words = stdout.split('\n').flatMap((line) => (/%/.test(line) ? [line.split(' ').at(-1)] : []));
  expect(words.join(' ')).toBe(textOf('pin'));
});

test('prints the words of a recording that is cut short, then says so', async () => {
  const cut = readFileSync(`${root}samples/pin.wav`).subarray(0, -1_000); // of the silence at its end
  const { exitCode, stdout, stderr } = await listen(['-', '--grammar', 'digits', '--url', url()], cut);
  const words = stdout.split('\n').flatMap((line) => (/%/.test(line) ? [line.split(' ').at(-1)] : []));
  expect(words.join(' ')).toBe(textOf('pin'));
  expect(stderr).toContain('wav/truncated');
  expect(exitCode).toBe(1);
});

test('prints every event of raw standard input as a line of JSON', async () => {
  const args = ['-', '--rate', '16000', '--format', 's16le', '--json', '--url', url(), '--grammar', 'digits'];
  const { exitCode, stdout } = await listen(args, await pcmOf('pin', 16_000));
  expect(exitCode).toBe(0);
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as EventMessage);
  const text = events.flatMap((event) => (event.type === 'final' ? [event.text] : []));
  expect(text.join(' ')).toBe(textOf('pin'));
});

const LOOKED = /^ {2}(\w+): (?:the decoder|the memory's read) looked at \d+\.\d\d-\d+\.\d\d s \(\d+ %\), /gm;

test('tells on request at which moments was looked for each word, and who looked', async () => {
  const { exitCode, stdout } = await listen(['samples/pin.wav', '--grammar', 'digits', '--attention', '--url', url()]);
  expect(exitCode).toBe(0);
  const words = [...stdout.matchAll(LOOKED)].map(([, word]) => word);
  expect(words.join(' ')).toBe(textOf('pin'));
});

test.each([
  [['no.wav', '--url', 'ws://127.0.0.1:1/v1/stream'], 2, /no\.wav/],
  [['samples/pin.wav', '--url', 'http://127.0.0.1'], 2, /--url/],
  [['--url', 'ws://127.0.0.1:1/v1/stream'], 2, /--microphone/],
  [['samples/pin.wav', '--grammar', 'nothing', '--url'], 2, /grammar/],
] as const)('tells in one line what is wrong with %j', async (args, expected, reason) => {
  const { exitCode, stderr } = await listen(args.at(-1) === '--url' ? [...args, url()] : args);
  expect(exitCode).toBe(expected);
  expect(stderr).toMatch(reason);
  expect(stderr.trim().split('\n')).toHaveLength(1);
});

test('Ctrl-C ends a recording that was read to its end and has no server yet', async () => {
  let count = 0;
  const busy = createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const { port } = busy.address() as AddressInfo; // it listens on a port
  const args = ['--import', 'tsx', 'cli/main.ts', 'listen', 'samples/pin.wav', '--url', `ws://127.0.0.1:${port}/`];
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'ignore' });
  busy.on('upgrade', (_, socket) => {
    socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    if (++count === 3) child.kill('SIGINT');
  });
  expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
  busy.close();
});
