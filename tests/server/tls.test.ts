import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect, type SecureVersion } from 'node:tls';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { createApiKey, keyLine } from '../../server/access/api-keys.ts';
import { createCertificate } from './certificate.ts';
import { connectSocket, refusedHandshake } from './socket-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

type Pem = Awaited<ReturnType<typeof createCertificate>>;

let [first, second]: readonly Pem[] = [];
let server: TestServer;
beforeAll(async () => {
  [first, second] = await Promise.all([createCertificate('first'), createCertificate('second')]);
  server = await startTestServer({ certificate: first });
});
afterAll(() => server.drain(0));

/** Whose certificate a port shows. */
async function shownAt(port: number, ...versions: readonly [SecureVersion?]): Promise<string> {
  const [version] = versions;
  const socket = connect({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    ...(version && { minVersion: 'TLSv1', maxVersion: version, ciphers: 'ALL@SECLEVEL=0' }),
  });
  await once(socket, 'secureConnect');
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return String(subject.CN);
}

test('both ports hear clients over TLS', async () => {
  const ca = first?.cert;
  const native = await connectSocket(`wss://127.0.0.1:${server.port}/v1/stream`, ['hearken.v1'], { ca });
  native.send('{"type":"start","encoding":"s16le","sampleRate":16000}');
  expect(JSON.parse(await native.reply())).toMatchObject({ type: 'started' });
  const vosk = await connectSocket(`wss://127.0.0.1:${server.voskPort}`, [], { ca });
  vosk.send(Buffer.alloc(3_200));
  expect(JSON.parse(await vosk.reply())).toEqual({ partial: '' });
  const [response] = (await once(get(`https://127.0.0.1:${server.port}/livez`, { ca }), 'response')) as [
    IncomingMessage,
  ];
  expect(response.resume().statusCode).toBe(200);
  for (const { socket } of [native, vosk]) socket.close();
  await Promise.all([native.closed, vosk.closed]);
});

test('a client that does not speak TLS gets nowhere', async () => {
  await expect(fetch(`http://127.0.0.1:${server.port}/livez`)).rejects.toThrow('fetch failed');
  await expect(connectSocket(server.vosk)).rejects.toThrow(/hang up|ECONNRESET/);
});

test('TLS before 1.2 is refused', async () => {
  expect(await shownAt(server.port, 'TLSv1.2')).toBe('first');
  for (const port of [server.port, server.voskPort]) {
    await expect(shownAt(port, 'TLSv1.1')).rejects.toMatchObject({ code: expect.stringContaining('ERR_SSL') });
  }
});

test('a certificate without its key is refused, at the start and when it is renewed', async () => {
  const mixed = { cert: first?.cert ?? '', key: second?.key ?? '' };
  await expect(startTestServer({ certificate: mixed })).rejects.toMatchObject({ code: 'tls/certificate' });
  expect(() => server.renewCertificate(mixed)).toThrow(expect.objectContaining({ code: 'tls/certificate' }));
  expect(await shownAt(server.port)).toBe('first');
});

/** `hearken serve --config FILE` in a process of its own, and what it logs. */
async function spawnServer(file: string): Promise<{
  child: ChildProcess;
  logged: (message: string) => Promise<{ port: number; voskPort: number; code?: string }>;
}> {
  const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', main, 'serve', '--config', file]);
  onTestFinished(() => void child.kill());
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const logged = async (message: string): Promise<never> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`Expected the log to say ${message}, got its end`);
      const entry = JSON.parse(value) as { msg: string }; // pino wrote it
      if (entry.msg.includes(message)) return entry as never; // what the caller knows of it
    }
  };
  return { child, logged };
}

test('SIGHUP has keys and certificate read again, and files at fault change nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hearken-tls-'));
  const [before, after] = [createApiKey(), createApiKey()];
  const write = (name: string, text = ''): Promise<void> => writeFile(join(folder, name), text);
  await write('cert.pem', first?.cert);
  await write('key.pem', first?.key);
  await write('keys', keyLine('phone', before));
  await write('hearken.yaml', 'port: 0\nvoskPort: 0\nkeys: keys\ntls: { cert: cert.pem, key: key.pem }\n');
  const { child, logged } = await spawnServer(join(folder, 'hearken.yaml'));
  const { port, voskPort } = await logged('listening');
  const url = `wss://127.0.0.1:${voskPort}`;
  const asked = (key: string): object => ({ rejectUnauthorized: false, headers: { authorization: `Bearer ${key}` } });
  const stays = await connectSocket(url, [], asked(before));
  expect((await refusedHandshake(url, [], asked(after))).statusCode).toBe(401);

  await write('cert.pem', second?.cert);
  await write('key.pem', second?.key);
  await write('keys', keyLine('phone', after));
  child.kill('SIGHUP');
  await logged('read again');
  expect([await shownAt(port), await shownAt(voskPort)]).toEqual(['second', 'second']);
  (await connectSocket(url, [], asked(after))).socket.close();
  expect((await refusedHandshake(url, [], asked(before))).statusCode).toBe(401);
  stays.send(Buffer.alloc(3_200)); // who is inside stays
  expect(JSON.parse(await stays.reply())).toEqual({ partial: '' });

  await write('keys', after);
  child.kill('SIGHUP');
  const fault = await logged('keys:1 Expected');
  expect(JSON.stringify(fault)).not.toContain(after);
  expect(fault.code).toBe('keys/file');
  (await connectSocket(url, [], asked(after))).socket.close();
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
