import { once } from 'node:events';
import { get } from 'node:https';
import type { IncomingMessage } from 'node:http';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { createCertificate, shownAt } from './certificate.ts';
import { connectSocket } from './socket-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';

type Pem = Awaited<ReturnType<typeof createCertificate>>;

let [first, second]: readonly Pem[] = [];
let server: TestServer;
beforeAll(async () => {
  [first, second] = await Promise.all([createCertificate('first'), createCertificate('second')]);
  server = await startTestServer({ certificate: first });
});
afterAll(() => server.drain(0));

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
