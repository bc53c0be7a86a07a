/** Connections that die without a word: nobody closes them, and what is sent goes nowhere. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import type { ConnectionState, NumberedMessage } from '../../../client/index.ts';
import { pcmOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { expectAlike } from './alike-events.ts';
import { startProxy } from './cutting-proxy.ts';
import { moveClock } from './moved-clock.ts';
import { FRAME_BYTES, listenTo, rounded } from './native-client.ts';
import { startProcess } from './server-process.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const streamUrl = (port: number): string => `ws://127.0.0.1:${port}/v1/stream`;
/** The shortest: twice what the server says its words come in. */
const LOST_AFTER = { lostAfterMs: 1_000 };
/** A busy machine may hold up either side for as long as a silence lasts; then another loss comes on top. */
const PATIENCE = { timeout: 60_000 };

describe('a client whose connection goes dead', () => {
  let server: TestServer;
  let pcm: Buffer;
  let expected: readonly NumberedMessage[];
  beforeAll(async () => {
    server = await startTestServer();
    pcm = await pcmOf('two-numbers', 16_000);
    expected = await listenTo(streamUrl(server.port), pcm);
  });
  afterAll(() => server.drain(0));

  test.each([[['client', 'server']], [['server']], [['client']]] as const)(
    'in the words of %j notices it, and hears every event once',
    async (sides) => {
      await using proxy = await startProxy(server.port);
      const clock = moveClock();
      const states: ConnectionState[] = [];
      const pace = async (sent: number): Promise<void> => {
        if (sent !== 25 * FRAME_BYTES) return;
        await expect.poll(() => states, PATIENCE).toContain('open');
        proxy.swallow(...sides);
        await clock.passUntil(() => states.at(-1) === 'lost');
      };
      const options = { ...LOST_AFTER, onState: (state: ConnectionState) => states.push(state) };
      const events = await listenTo(streamUrl(proxy.port), pcm, pace, options);
      expect(rounded(events)).toEqual(rounded(expected));
      expect(proxy.connectionCount()).toBeGreaterThan(1);
    },
  );

  test('before its handshake is answered tries again', async () => {
    await using proxy = await startProxy(server.port);
    proxy.swallowNext();
    const reasons: unknown[] = [];
    const onState = (state: ConnectionState, reason?: string): unknown => state === 'lost' && reasons.push(reason);
    const events = await listenTo(streamUrl(proxy.port), pcm, undefined, { ...LOST_AFTER, onState });
    expect(rounded(events)).toEqual(rounded(expected));
    expect(reasons[0]).toBe('no word from the server for 1 s');
  });

  test('stays connected to a server that has nothing to say', async () => {
    const clock = moveClock();
    const states: ConnectionState[] = [];
    const events = await listenTo(
      streamUrl(server.port),
      pcm.subarray(0, 2 * FRAME_BYTES),
      async (sent) => {
        if (sent === 0) return;
        await expect.poll(() => states, PATIENCE).toContain('open');
        await clock.pass(20_000);
      },
      { ...LOST_AFTER, onState: (state) => states.push(state) },
    );
    expect(events).toBeDefined();
    expect(states).toEqual(['open', 'closed']);
  });
});

type Listening = { readonly child: ChildProcess; readonly said: () => string; readonly told: () => string };

/** `hearken listen -`, whose standard input stays open until it is ended. */
function listen(args: readonly string[]): Listening {
  const all = ['--import', 'tsx', 'cli/main.ts', 'listen', '-', '--rate', '16000', '--format', 's16le', ...args];
  const child = spawn(process.execPath, all, { cwd: ROOT, stdio: 'pipe' });
  let said = '';
  let told = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  child.stderr.on('data', (text: Buffer) => (told += text.toString()));
  child.stdin.on('error', () => undefined); // it ends before its input does
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, said: () => said, told: () => told };
}

function numbered(lines: string): NumberedMessage[] {
  const events = lines.trim().split('\n');
  return events.map((line) => JSON.parse(line) as NumberedMessage).filter((event) => 'offset' in event);
}

describe('a server process that is stopped', () => {
  test('is noticed by `hearken listen`, which hears every event once when it goes on', async () => {
    const server = await startProcess(0, await mkdtemp(join(tmpdir(), 'hearken-sessions-')));
    onTestFinished(() => void server.child.kill('SIGKILL'));
    const pcm = await pcmOf('two-numbers', 16_000);
    const expected = await listenTo(streamUrl(server.port), pcm);
    const args = [
      '--url',
      streamUrl(server.port),
      '--json',
      '--grammar',
      'codes',
      '--lost-after',
      '1',
      '--tries',
      '99',
    ];
    const { child, said, told } = listen(args);
    const half = (pcm.length / 2) & ~1;
    child.stdin?.write(pcm.subarray(0, half));
    await expect.poll(said, PATIENCE).toContain('"final"');
    server.child.kill('SIGSTOP');
    child.stdin?.end(pcm.subarray(half));
    await expect.poll(told, PATIENCE).toContain('connection lost (no word from the server for');
    server.child.kill('SIGCONT');
    const [exitCode] = (await once(child, 'exit')) as [number];
    expect(exitCode).toBe(0);
    expectAlike(numbered(said()), expected);
  });

  test('for good ends `hearken listen`, also where more input may come', async () => {
    const server = await startProcess(0, await mkdtemp(join(tmpdir(), 'hearken-sessions-')));
    onTestFinished(() => void server.child.kill('SIGKILL'));
    const args = ['--url', streamUrl(server.port), '--json', '--lost-after', '1', '--tries', '0'];
    const { child, said, told } = listen(args);
    child.stdin?.write((await pcmOf('two-numbers', 16_000)).subarray(0, 120_000));
    await expect.poll(said, PATIENCE).toContain('"final"');
    server.child.kill('SIGSTOP');
    const [exitCode] = (await once(child, 'exit')) as [number];
    expect(exitCode).toBe(1);
    expect(told()).toMatch(/^hearken: .*no word from the server for .*\(client\/closed\)\n$/);
  });
});
