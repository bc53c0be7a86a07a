/** Clients that ask and ask and never read an answer. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WebSocket } from 'ws';

import { moveClock } from './native/moved-clock.ts';
import { connectRaw, listenTo, rounded } from './native/native-client.ts';
import { pcmOf, textOf } from './recordings.ts';
import { scraped } from './scraped.ts';
import { connectSocket } from './socket-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { recite, textIn } from './vosk/vosk-client.ts';

const EGRESS_BOUND = 1024 * 1024;
/** Nearly what the server lets wait for a client before its answers to it wait too: 256 KiB. */
const FULL_OUTBOX = 240 * 1024;
/** Of a ping's content; and how many the server may not have answered before it ends the connection. */
const PING_BYTES = 125;
const PINGS_TOGETHER = 50;
/** Milliseconds: only what hangs takes so long. */
const timeout = 600_000;
/** Milliseconds: how long the server is patient with a full outbox, and with a close that is not answered. */
const READS_TOO_SLOWLY = 30_000;
const CLOSE_TIMEOUT = 5_000;

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.drain(0));

/** A metric of the server's. */
const told = (name: string): Promise<number> => scraped(server.http, name);

/** Fills the network's own buffers between the server and a client who does not read, by answers that cost nothing to make. */
async function fillNetwork(socket: WebSocket): Promise<void> {
  while ((await told('hearken_egress_buffered_bytes')) === 0) {
    for (let index = 0; index < PINGS_TOGETHER; index++) socket.ping(Buffer.alloc(PING_BYTES));
  }
}

test('a vosk client is read no more when its replies pile up, closed with 4008, and hinders nobody', {
  timeout,
}, async () => {
  const clock = moveClock({ standsStill: true });
  const client = await connectSocket(server.vosk);
  client.send('{"config":{"sample_rate":16000}}');
  const pcm = await pcmOf('two-numbers', 16_000); // so that each reply is long
  client.send(pcm);
  client.socket.pause();
  await fillNetwork(client.socket);
  // Nothing leaves the server any more; and once the outbox is full, it reads no more. A fuller outbox than now would not come by
  // itself where answers are as quick as messages.
  while ((await told('hearken_egress_buffered_bytes')) < FULL_OUTBOX) {
    for (let index = 0; index < 500; index++) client.send(Buffer.alloc(2));
    expect(await told('hearken_ingress_queue_seconds')).toBeLessThanOrEqual(4 + pcm.length / 32_000);
  }
  for (let sent = 0; sent < 16 * EGRESS_BOUND; sent += EGRESS_BOUND / 4) client.send(Buffer.alloc(EGRESS_BOUND / 4));
  await expect.poll(() => client.socket.bufferedAmount, { timeout }).toBeGreaterThan(0); // it stays with the sender
  expect(await told('hearken_egress_buffered_bytes')).toBeLessThan(EGRESS_BOUND);
  expect(textIn(await recite(await connectSocket(server.vosk), 'pin'))).toBe(textOf('pin'));
  await clock.pass(READS_TOO_SLOWLY);
  await expect.poll(() => told('hearken_disconnects_total\\{code="4008"\\}'), { timeout }).toBe(1);
  client.socket.terminate();
  await expect.poll(() => told('hearken_connections_active'), { timeout }).toBe(0);
  expect(await told('hearken_sessions_active')).toBe(0);
  expect(await told('hearken_paused_seconds_total')).toBeGreaterThan(0);
});

test('a native client that reads nothing of minutes of speech fills nothing, and hinders nobody', {
  timeout,
}, async () => {
  const clock = moveClock({ standsStill: true });
  const url = `ws://127.0.0.1:${server.port}/v1/stream`;
  const pcm = await pcmOf('two-numbers', 16_000);
  const alone = await listenTo(url, pcm);
  const client = await connectRaw(url);
  client.say({ type: 'start', encoding: 's16le', sampleRate: 16_000 });
  client.socket.pause();
  for (let round = 0; round < 20; round++) {
    await new Promise((resolve) => client.socket.send(pcm, resolve));
    expect(await told('hearken_egress_buffered_bytes')).toBeLessThan(EGRESS_BOUND);
    expect(await told('hearken_ingress_queue_seconds')).toBeLessThanOrEqual(4 + pcm.length / 32_000);
  }
  expect(rounded(await listenTo(url, pcm))).toEqual(rounded(alone));
  client.say({ type: 'CloseStream' });
  await expect.poll(() => told('hearken_sessions_active'), { timeout }).toBe(0);
  expect(await told('hearken_connections_active')).toBe(1); // it does not answer the close either
  await clock.pass(CLOSE_TIMEOUT);
  await expect.poll(() => told('hearken_connections_active'), { timeout }).toBe(0);
});
