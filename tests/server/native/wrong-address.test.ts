/** Addresses where something else answers, or nobody that is to be trusted: said at once, with what is wrong. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';

import { connect, type ConnectionState } from '../../../client/index.ts';
import { createCertificate } from '../certificate.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

let server: TestServer;
let secure: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  secure = await startTestServer({ certificate: await createCertificate('first') });
});
afterAll(() => Promise.all([server.drain(0), secure.drain(0)]));

/** Listens on a free port until the test is over. */
async function listening(listener: Server): Promise<number> {
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  onTestFinished(() => void listener.close());
  return (listener.address() as AddressInfo).port; // it listens on TCP
}

/** A service of TCP whose clients are met by `meet`. */
function service(meet: (client: Socket) => unknown): Promise<number> {
  return listening(
    createServer((client) => {
      client.on('error', () => undefined);
      meet(client);
    }),
  );
}

type Elsewhere = readonly [name: string, url: () => string | Promise<string>, reason: RegExp];

const ELSEWHERE: readonly Elsewhere[] = [
  ['another path', () => `ws://127.0.0.1:${server.port}/v1/streams`, /HTTP 404: is its path \/v1\/stream\?/],
  ['the path of another protocol', () => `ws://127.0.0.1:${server.port}/v1/realtime`, /another protocol/],
  ["vosk's port", () => server.vosk, /another protocol/],
  ['a server of web pages', async () => `ws://127.0.0.1:${await webPages()}`, /HTTP 200/],
  ['a service that greets', async () => `ws://127.0.0.1:${await service((c) => c.write('SSH-2.0-x\r\n'))}`, /not HTTP/],
  ['a service that echoes', async () => `ws://127.0.0.1:${await service((c) => c.pipe(c))}`, /not HTTP/],
  [
    'a service that greets, by TLS',
    async () => `wss://127.0.0.1:${await service((c) => c.write('SSH-2.0-x\r\n'))}`,
    /not TLS/,
  ],
  ['a server without TLS, by TLS', () => `wss://127.0.0.1:${server.port}/v1/stream`, /not TLS: does it want ws:\/\/\?/],
  ['a server whose certificate nobody vouches for', () => `wss://127.0.0.1:${secure.port}/v1/stream`, /certificate/],
  ['a host that there is not', () => 'ws://no-such-host.invalid/v1/stream', /no host of that name/],
];

function webPages(): Promise<number> {
  return listening(createHttpServer((_, response) => response.end('<h1>Hello</h1>')));
}

/** How a stream to `url` ends, and what it went through. */
async function endOf(url: string): Promise<{ readonly states: ConnectionState[]; readonly error: unknown }> {
  const states: ConnectionState[] = [];
  const options = { encoding: 's16le', sampleRate: 16_000, WebSocket, tries: Infinity } as const;
  const stream = connect(url, { ...options, onState: (state) => states.push(state) });
  const error = await stream.events.next().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { states, error };
}

describe('a stream to an address that is not a hearken stream', () => {
  test.each(ELSEWHERE)('is refused without another try: %s', async (_, url, reason) => {
    const { states, error } = await endOf(await url());
    expect(error).toMatchObject({ code: 'client/refused', message: expect.stringMatching(reason) });
    expect(states).toEqual(['closed']);
  });

  test('is refused where the server hangs up twice, as one of TLS does that hears none', async () => {
    const { states, error } = await endOf(`ws://127.0.0.1:${secure.port}/v1/stream`);
    expect(error).toMatchObject({ code: 'client/refused', message: expect.stringContaining('does it want wss://?') });
    expect(states).toEqual(['lost', 'closed']);
  });
});

test('an address that is none is told by the call', () => {
  const options = { encoding: 's16le', sampleRate: 16_000, WebSocket } as const;
  for (const url of ['ws://', 'ws://127.0.0.1:99999/', 'ftp://127.0.0.1/', 'ws://127.0.0.1/#here', 'nowhere']) {
    expect(() => connect(url, options)).toThrow(expect.objectContaining({ code: 'client/url' }));
  }
});

test.each(['', 'null', 'Hello', '7', '[]', '{}', '{"type":1}', '{"type":"ack","samples":"many"}', '{"type":"final"}'])(
  'a server that says %j ends the stream with a typed error',
  async (text) => {
    const other = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'hearken.v1' });
    onTestFinished(() => other.close());
    other.on('connection', (socket) => socket.send(text));
    await once(other, 'listening');
    const { states, error } = await endOf(`ws://127.0.0.1:${(other.address() as AddressInfo).port}`);
    expect(error).toMatchObject({ code: 'client/bad-message' });
    expect(states).toEqual(['closed']);
  },
);
