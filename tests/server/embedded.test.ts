import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';

import { connect } from '../../client/index.ts';
import { type EmbeddedServer, serve, type ServerOptions } from '../../server/index.ts';
import { packageFile, packageVersion } from '../../src/package-root.ts';

const AUDIO = readFileSync(packageFile('samples/phone-number.wav')).subarray(44);
const SAID = readFileSync(packageFile('samples/phone-number.txt'), 'utf8').trim();

async function served(options: ServerOptions = {}): Promise<EmbeddedServer> {
  const server = await serve(options);
  onTestFinished(() => server.close(0));
  return server;
}

/** What `server` hears in the sample. */
async function heardBy({ port }: EmbeddedServer, options: { model?: string; apiKey?: string } = {}): Promise<string> {
  const url = `ws://127.0.0.1:${port}/v1/stream`;
  const stream = connect(url, { encoding: 's16le', sampleRate: 16_000, WebSocket, ...options });
  void stream.send(AUDIO).then(() => stream.close());
  const finals: string[] = [];
  for await (const event of stream.events) if (event.type === 'final') finals.push(event.text);
  return finals.join(' ');
}

test('a server in a program needs no options: a free port, the model of the package, no line on standard output', async () => {
  const server = await served();
  expect(server.port).toBeGreaterThan(0);
  expect(server).not.toHaveProperty('voskPort');
  expect(await heardBy(server)).toBe(SAID);
  const page = await fetch(`http://127.0.0.1:${server.port}/`);
  expect(page.status).toBe(404);
  const metrics = await (await fetch(`http://127.0.0.1:${server.port}/metrics`)).text();
  expect(metrics).toContain(`hearken_build_info{version="${packageVersion()}"} 1`);
  await expect(serve({ port: server.port })).rejects.toMatchObject({ code: 'server/listen' });
});

test('two servers in a program do not meet: each has its models, clients and metrics', async () => {
  const [one, two] = await Promise.all([
    served({ models: { one: 'codes-en' } }),
    served({ models: { two: pathToFileURL(packageFile('models/codes-en')) }, voskPort: 0 }),
  ]);
  expect(await heardBy(one)).toBe(SAID);
  const metricsOf = async ({ port }: EmbeddedServer): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(await metricsOf(one)).toContain('hearken_connections_total{protocol="native"} 1');
  expect(await metricsOf(two)).not.toContain('hearken_connections_total{protocol="native"}');
  await expect(heardBy(one, { model: 'two' })).rejects.toMatchObject({ code: 'model/unknown-id' });
  expect(two.voskPort).toBeGreaterThan(0);
});

test('`await using` closes it: nobody comes in, and the port is free again', async () => {
  let port: number;
  {
    await using server = await serve();
    ({ port } = server);
  }
  await expect(fetch(`http://127.0.0.1:${port}/livez`)).rejects.toThrow('fetch failed');
  const again = await served({ port });
  expect(again.port).toBe(port);
});

test('closing twice closes once', async () => {
  const server = await serve();
  expect(server.close()).toBe(server.close(0));
  await server.close();
});

test('the caller decides who comes in, and keeps the log', async () => {
  const lines: string[] = [];
  const server = await served({
    access: { authenticate: async (credential) => (credential === 'sesame' ? { id: 'ali', name: 'ali' } : undefined) },
    log: pino({}, { write: (line: string) => lines.push(line) }),
  });
  await expect(heardBy(server)).rejects.toMatchObject({ code: 'client/refused' });
  expect(await heardBy(server, { apiKey: 'sesame' })).toBe(SAID);
  expect(lines.join('')).toContain('"listening"');
  expect(lines.join('')).not.toContain('sesame');
});

test('sessions in a folder outlive the server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-sessions-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const first = await serve({ sessions: folder });
  const { port } = first;
  const states: string[] = [];
  const url = `ws://127.0.0.1:${port}/v1/stream`;
  const onState = (state: string): void => void states.push(state);
  const stream = connect(url, { encoding: 's16le', sampleRate: 16_000, WebSocket, onState });
  const half = Math.floor(AUDIO.length / 4) * 2;
  await stream.send(AUDIO.subarray(0, half));
  await expect.poll(() => states).toContain('open');
  await first.close(0);
  await served({ sessions: pathToFileURL(folder), port });
  void stream.send(AUDIO.subarray(half)).then(() => stream.close());
  const finals: string[] = [];
  for await (const event of stream.events) if (event.type === 'final') finals.push(event.text);
  expect(finals.join(' ')).toBe(SAID);
});

describe('what cannot be served is refused before anything listens', () => {
  test.each<[string, unknown, string]>([
    ['an option that there is not', { prot: 8080 }, 'option/unknown-name'],
    ['a port that there is not', { port: 65_536 }, 'option/out-of-range'],
    ['no model', { models: {} }, 'option/missing'],
    ['an id that no address can have', { models: { 'a/b': 'codes-en' } }, 'option/unknown-value'],
    ['a folder that is no path', { models: { en: 7 } }, 'option/type'],
    ['a model that there is not', { models: { en: 'no-such-model' } }, 'model/not-found'],
    ['limits that there are not', { access: { limits: { streems: 1 } } }, 'option/unknown-name'],
    ['half a certificate', { certificate: { cert: 'x' } }, 'option/missing'],
    ['sessions in a file', { sessions: packageFile('package.json') }, 'session/store'],
    ['a log that is none', { log: 'debug' }, 'option/type'],
  ])('%s', async (_, options, code) => {
    // What a caller without a compiler may give.
    await expect(serve(options as ServerOptions)).rejects.toMatchObject({ name: 'HearkenError', code });
  });
});
