import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { isKnownHost } from '../../../server/access/host-names.ts';
import { connectSocket, refusedHandshake } from '../socket-client.ts';
import { answersIn, rawAnswer } from '../http/raw-answers.ts';
import { scraped } from '../scraped.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

test.each([
  ['localhost', true],
  ['LocalHost:8080', true],
  ['localhost.', true],
  ['app.localhost:3', true],
  ['127.0.0.1:8080', true],
  ['[::1]:8080', true],
  ['192.168.1.7', true],
  ['hear.example', true],
  ['HEAR.example:443', true],
  ['evil.example', false],
  ['evil.example:8080', false],
  ['hear.example.evil.example', false],
  ['nothear.example', false],
  ['127.0.0.1.evil.example', false],
  ['evillocalhost', false],
  ['localhost@evil.example', false],
  ['evil.example/localhost', false],
  ['[evil.example]', false],
  ['', false],
])('a server called hear.example and a request for %j: %j', (host, isKnown) => {
  expect(isKnownHost(host, ['hear.example'])).toBe(isKnown);
  expect(isKnownHost(host, ['*'])).toBe(true);
});

async function statusOf(server: TestServer, path: string, host: string): Promise<number | undefined> {
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  return answersIn(await rawAnswer(server.port, [request]))[0]?.status;
}

const handshakes = (server: TestServer): string[] => [
  `ws://127.0.0.1:${server.port}/v1/stream`,
  `ws://127.0.0.1:${server.port}/v1/realtime`,
  server.vosk,
];

describe('without keys', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ access: { hostNames: ['hear.example'] } });
  });
  afterAll(() => server.drain(0));

  test('a page whose name leads here is refused on every path and port, though it is to its browser of this server', async () => {
    const host = `evil.example:${server.port}`;
    for (const path of ['/', '/v1/models', '/metrics', '/v1/nothing'])
      expect(await statusOf(server, path, host)).toBe(403);
    for (const url of handshakes(server)) {
      const refused = await refusedHandshake(url, [], { headers: { host, origin: `http://${host}` } });
      expect(refused.statusCode).toBe(403);
    }
    expect(await scraped(server.http, 'hearken_connections_rejected_total')).toBe(4 + 3);
  });

  test.each(['localhost', 'hear.example:80', '127.0.0.1', '10.1.2.3:8080'])(
    'a client that calls it %s is let in',
    async (host) => {
      expect(await statusOf(server, '/v1/models', host)).toBe(200);
      for (const url of handshakes(server)) {
        const { socket, closed } = await connectSocket(url, [], { headers: { host } });
        socket.close();
        await closed;
      }
    },
  );

  test('a load balancer may ask for its health by any name', async () => {
    expect(await statusOf(server, '/livez', 'backend')).toBe(200);
    expect(await statusOf(server, '/readyz', 'backend')).toBe(200);
    expect(answersIn(await rawAnswer(server.port, ['GET /livez HTTP/1.0\r\n\r\n']))[0]?.status).toBe(200);
  });
});

test('with keys, which no strange page has, any name will do', async () => {
  const server = await startTestServer({ access: { authenticate: async () => ({ id: 'key:phone' }) } });
  const headers = { host: 'evil.example', authorization: 'Bearer key' };
  for (const url of handshakes(server)) {
    const { socket, closed } = await connectSocket(url, [], { headers });
    socket.close();
    await closed;
  }
  expect(await statusOf(server, '/v1/models', 'evil.example')).toBe(401);
  await server.drain(0);
});
