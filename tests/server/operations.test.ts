import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { startTestServer } from './test-server.ts';
import { connectSocket, refusedHandshake } from './socket-client.ts';

const SILENCE = Buffer.alloc(3200);

test('health, models and metrics are told over HTTP', async () => {
  const server = await startTestServer();
  const get = (path: string): Promise<Response> => fetch(server.http + path);
  expect([(await get('/livez')).status, (await get('/readyz')).status]).toEqual([200, 200]);
  expect((await get('/nothing')).status).toBe(404);
  expect(await (await get('/v1/models')).json()).toEqual({
    object: 'list',
    data: ['codes', 'other'].map((id) => ({
      id,
      object: 'model',
      owned_by: 'hearken',
      name: 'codes-en',
      version: expect.stringMatching(/^codes-en-[\da-f]{16}$/),
      sample_rate: 16_000,
      grammars: ['digits', 'letters', 'codes'],
      default_grammar: 'codes',
      words: expect.arrayContaining(['zero', 'nine', 'oh', 'a', 'z']),
      memory: { window: 32, leaf_fan_in: 8, fan_in: 8 },
      seconds_per_vector: 0.04,
    })),
  });

  const client = await connectSocket(server.vosk);
  client.send(SILENCE);
  await client.reply();
  expect(await (await get('/metrics')).text()).toMatch(/^hearken_sessions_active 1$/m);
  client.send('{"eof" : 1}');
  await client.closed;
  await expect.poll(async () => (await get('/metrics')).text()).toContain('hearken_disconnects_total{code="1000"} 1');
  const metrics = await (await get('/metrics')).text();
  expect(metrics).toContain('hearken_connections_total{protocol="vosk"} 1');
  expect(metrics).toContain('hearken_build_info{version="0.0.0"} 1');
  expect(metrics).toMatch(/^hearken_audio_seconds_total 0\.[12]\d*$/m);
  expect(metrics).toMatch(/^hearken_chunk_latency_seconds_count 1$/m);
  expect(metrics).toMatch(/^hearken_final_latency_seconds_count 1$/m);
  expect(metrics).toMatch(/^nodejs_eventloop_lag_seconds /m);
  await server.drain(0);
});

test('a full server refuses at the handshake with the time to come back, and takes the next one once there is room', async () => {
  const server = await startTestServer({ maximumStreams: 2 });
  const clients = [await connectSocket(server.vosk), await connectSocket(server.vosk)];
  const refused = await refusedHandshake(server.vosk);
  expect({ status: refused.statusCode, retryAfter: refused.headers['retry-after'] }).toEqual({
    status: 503,
    retryAfter: '5',
  });
  const ready = await fetch(`${server.http}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([503, 'full\n']);
  clients[0]?.socket.close();
  await expect.poll(async () => (await fetch(`${server.http}/readyz`)).status).toBe(200);
  const next = await connectSocket(server.vosk);
  next.send(SILENCE);
  await next.reply();
  const metrics = await (await fetch(`${server.http}/metrics`)).text();
  expect(metrics).toContain('hearken_connections_rejected_total{reason="full"} 1');
  expect(metrics).toMatch(/^hearken_connections_active\{protocol="vosk"\} 2$/m);
  await server.drain(0);
});

test('draining answers what was received, closes 1012 and lets nobody in', async () => {
  const server = await startTestServer();
  const [busy, idle] = [await connectSocket(server.vosk), await connectSocket(server.vosk)];
  for (let index = 0; index < 40; index++) busy.send(SILENCE);
  await busy.reply(); // the rest is on its way
  const drained = server.drain(60_000);
  expect((await idle.closed).code).toBe(1012);
  expect(await busy.closed).toEqual({ code: 1012, reason: 'server is shutting down' });
  await drained;
  await expect(connectSocket(server.vosk)).rejects.toThrow('ECONNREFUSED');
  await expect(fetch(`${server.http}/livez`)).rejects.toThrow('fetch failed');
});

test('a port that is taken is refused with its number', async () => {
  const server = await startTestServer();
  const second = startTestServer({ port: server.port });
  await expect(second).rejects.toMatchObject({
    code: 'server/listen',
    message: `Expected to listen on 127.0.0.1:${server.port}, got EADDRINUSE`,
  });
  await server.drain(0);
});

test.each([0, 100_001, 1.5])('%d clients at once are refused as a bound', async (maximumStreams) => {
  await expect(startTestServer({ maximumStreams })).rejects.toMatchObject({ code: 'option/out-of-range' });
});

type Listening = { readonly child: ChildProcess; readonly voskPort: number; readonly lines: readonly string[] };

/** `hearken serve` in a process of its own, once it listens. */
async function spawnServer(...args: readonly string[]): Promise<Listening> {
  const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'serve', '--port', '0', '--vosk-port', '0', ...args]);
  const lines: string[] = [];
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`Expected a server, got exit code ${code}`)));
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      const { msg, voskPort } = JSON.parse(line) as { msg: string; voskPort: number }; // pino wrote it
      if (msg === 'listening') resolve({ child, voskPort, lines });
    });
  });
}

test('hearken serve hears clients, loads models again on SIGHUP, and ends with exit code 0 on SIGTERM after it has drained', async () => {
  const { child, voskPort, lines } = await spawnServer('--model', 'en=codes-en');
  const client = await connectSocket(`ws://127.0.0.1:${voskPort}/en`);
  client.send(SILENCE);
  await client.reply();
  child.kill('SIGHUP');
  await expect.poll(() => lines.at(-1), { timeout: 60_000 }).toContain('model has not changed');
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await client.closed).code).toBe(1012);
  expect(await exited).toEqual([0, null]);
  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual([
    'listening',
    'connected',
    'model has not changed',
    'draining',
    'closed',
    'drained',
  ]);
  expect(JSON.parse(lines[0]!)).toMatchObject({ devices: { en: 'onnx-cpu' } });
});

test('hearken serve --device auto says in its log what computes a model, and why', async () => {
  const { child, lines } = await spawnServer('--model', 'en=codes-en', '--device', 'auto');
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
  const { devices, deviceReasons } = JSON.parse(lines[0]!) as Record<string, Record<string, string>>;
  expect(devices?.['en']).toMatch(/^onnx-/);
  expect(deviceReasons?.['en']).toMatch(/cuda|webgpu| ms/);
});
