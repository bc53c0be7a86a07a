/** Connections that are cut while they are being made, at every byte, in both directions. */
import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';

import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

import { pcmOf, textOf } from '../recordings.ts';
import { scraped } from '../scraped.ts';
import { connectSocket } from '../socket-client.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { recite, textIn } from '../vosk/vosk-client.ts';
import { startProxy } from './cutting-proxy.ts';
import { listenTo, rounded } from './native-client.ts';

const timeout = 900_000;
/** So that no client of many takes a busy server for a lost one. */
const PATIENT = { lostAfterMs: 60_000 };
/** Streams cut at once. */
const TOGETHER = 150;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ maximumStreams: 1000 });
});
afterAll(() => server.drain(0));

/** Handshake and first message as the client sends them: its mask is chosen here, since any is as good. */
function openingBytes(path: string, message: string): Buffer {
  const head = [
    `GET ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: hearken.v1',
  ];
  const frame = Buffer.concat([Buffer.of(0x81, 0x80 | message.length, 0, 0, 0, 0), Buffer.from(message)]);
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), frame]);
}

test('a handshake and first message that end at any byte leave nothing behind, and a neighbour hears its own', {
  timeout,
}, async () => {
  const start = '{"type":"start","encoding":"s16le","sampleRate":16000}';
  for (const [port, opening] of [
    [server.port, openingBytes('/v1/stream', start)],
    [server.voskPort, openingBytes('/', '{"config":{"sample_rate":16000}}')],
  ] as const) {
    const beside = connectSocket(server.vosk).then((neighbor) => recite(neighbor, 'pin'));
    for (let first = 0; first <= opening.length; first += TOGETHER) {
      const lengths = Array.from({ length: Math.min(TOGETHER, opening.length + 1 - first) }, (_, at) => first + at);
      await Promise.all(
        lengths.map(async (length) => {
          const socket = connectTcp(port, '127.0.0.1');
          await once(socket, 'connect');
          if (length > 0) await new Promise((resolve) => socket.write(opening.subarray(0, length), resolve));
          socket.destroy();
        }),
      );
    }
    expect(textIn(await beside)).toBe(textOf('pin'));
  }
  await expect.poll(() => scraped(server.http, 'hearken_connections_active'), { timeout }).toBe(0);
  expect(await scraped(server.http, 'hearken_sessions_active')).toBe(0);
});

test.each(['client', 'server'] as const)(
  'a client cut at any byte that the %s sends first hears the same',
  { timeout },
  async (side) => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0); // of what clients wait for before they try again
    onTestFinished(() => random.mockRestore());
    const pcm = (await pcmOf('pin', 16_000)).subarray(0, 32_000);
    const url = (port: number): string => `ws://127.0.0.1:${port}/v1/stream`;
    const expected = rounded(await listenTo(url(server.port), pcm));
    const positions = Array.from({ length: 450 }, (_, at) => at + 1); // handshake, first message and some more
    for (let first = 0; first < positions.length; first += TOGETHER) {
      await Promise.all(
        positions.slice(first, first + TOGETHER).map(async (bytes) => {
          await using proxy = await startProxy(server.port);
          proxy.cutNextAfter(bytes, side);
          expect(rounded(await listenTo(url(proxy.port), pcm, undefined, PATIENT)), `byte ${bytes}`).toEqual(expected);
          expect(proxy.connectionCount()).toBe(2);
        }),
      );
    }
  },
);
