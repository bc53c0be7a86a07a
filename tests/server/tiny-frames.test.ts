/** Clients that send as little as they can at a time: what that may cost is bounded, and others do not notice. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WebSocket } from 'ws';

import { MU_LAW } from '../../src/audio/g711.ts';
import { connectRaw, listenTo, rounded } from './native/native-client.ts';
import { cutBytes, pcmOf, samplesOf, textOf } from './recordings.ts';
import { scraped } from './scraped.ts';
import { connectSocket } from './socket-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { EMPTY_PARTIAL, finish, recite, textIn } from './vosk/vosk-client.ts';

const SAMPLE_RATE = 8000;
/** Milliseconds: tens of thousands of messages take a busy machine a while. */
const timeout = 900_000;

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer();
  url = `ws://127.0.0.1:${server.port}/v1/stream`;
});
afterAll(() => server.drain(0));

/** Sends every piece as a message of its own, as fast as they are taken. */
async function sendEach(socket: WebSocket, pieces: readonly Buffer[]): Promise<void> {
  for (const [index, piece] of pieces.entries()) {
    if (index % 1000 === 999) await new Promise((resolve) => socket.send(piece, resolve));
    else socket.send(piece);
  }
}

/** What is asked of the server all the time while `sending` goes on. */
async function expectBounds(sending: Promise<unknown>): Promise<void> {
  const done = sending.then(() => true);
  while (!(await Promise.race([done, sleep(20, false)]))) {
    expect(await scraped(server.http, 'hearken_ingress_queue_seconds')).toBeLessThanOrEqual(2 * 4.1); // two streams
    expect(await scraped(server.http, 'hearken_egress_buffered_bytes')).toBeLessThan(1024 * 1024);
  }
}

test('a byte at a time is heard by the native protocol, within its bounds, and a neighbour as if alone', {
  timeout,
}, async () => {
  const neighbors = await pcmOf('two-numbers', 16_000);
  const alone = await listenTo(url, neighbors);
  const client = await connectRaw(url);
  client.say({ type: 'start', encoding: 'mulaw', sampleRate: SAMPLE_RATE, grammar: 'digits' });
  const bytes = muLawOf(await samplesOf('pin', SAMPLE_RATE));
  const beside = listenTo(url, neighbors);
  await expectBounds(sendEach(client.socket, cutBytes(bytes, 1)));
  client.say({ type: 'CloseStream' });
  expect((await client.next('final')).text).toBe(textOf('pin'));
  expect((await client.next('closed')).samples).toBe(bytes.length);
  expect(rounded(await beside)).toEqual(rounded(alone));
});

test('a sample at a time is heard and answered by the vosk protocol, within its bounds, and a neighbour too', {
  timeout,
}, async () => {
  const client = await connectSocket(server.vosk);
  client.send(`{"config":{"sample_rate":${SAMPLE_RATE}}}`);
  const samples = cutBytes(await pcmOf('pin', SAMPLE_RATE), 2);
  const beside = connectSocket(server.vosk).then((neighbor) => recite(neighbor, 'two-numbers'));
  await expectBounds(sendEach(client.socket, samples));
  const replies: string[] = [];
  for (const _ of samples) replies.push(await client.reply());
  replies.push(await finish(client));
  expect(textIn(replies.map((each) => JSON.parse(each)))).toBe(textOf('pin'));
  expect(textIn(await beside)).toBe(textOf('two-numbers'));
});

test('a byte at a time is no sample of the vosk protocol, and each is answered, as by vosk-server', {
  timeout,
}, async () => {
  const client = await connectSocket(server.vosk);
  const bytes = cutBytes((await pcmOf('pin', SAMPLE_RATE)).subarray(0, 10_000), 1);
  await expectBounds(sendEach(client.socket, bytes));
  const replies = new Set<string>();
  for (const _ of bytes) replies.add(await client.reply());
  expect([...replies]).toEqual([EMPTY_PARTIAL]);
  await finish(client);
});

test('a message in pieces of a byte each is put together', async () => {
  const client = await connectSocket(server.vosk);
  const pongs = once(client.socket, 'pong');
  for (const [index, byte] of Buffer.from('{"config":{"sample_rate":8000}}').entries()) {
    client.socket.send(Buffer.of(byte), { fin: false, binary: false });
    if (index === 5) client.socket.ping(); // control frames may come between
  }
  client.socket.send('');
  await pongs;
  expect(await finish(client)).toBe('{"text": ""}');
});

/** Each sample as the byte that stands for the nearest value. */
function muLawOf(samples: Float32Array): Buffer {
  const levels = [...MU_LAW.entries()].toSorted(([, a], [, b]) => a - b);
  return Buffer.from(
    samples.map((sample) => {
      let [low, high] = [0, levels.length - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((levels[middle]?.[1] ?? 0) < sample) low = middle + 1;
        else high = middle;
      }
      return levels[low]?.[0] ?? 0;
    }),
  );
}
