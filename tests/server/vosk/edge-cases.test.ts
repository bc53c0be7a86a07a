/** The table of edge cases of vosk-server, over real sockets. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { cutBytes, pcmOf, textOf } from '../recordings.ts';
import { connectSocket, type SocketClient } from '../socket-client.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { EMPTY_PARTIAL, finish, type Result, SILENCE, textIn } from './vosk-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.drain(0));

const connect = (path = '/', protocols?: readonly string[]): Promise<SocketClient> =>
  connectSocket(server.vosk + path, protocols);

test('a configuration alone, and one in mid-stream, get no reply and the stream goes on', async () => {
  const client = await connect();
  client.send('{"config":{"sample_rate":16000}}');
  client.send(SILENCE);
  client.send('{"config":{"words":false}}');
  client.send(SILENCE);
  expect([await client.reply(), await client.reply()]).toEqual([EMPTY_PARTIAL, EMPTY_PARTIAL]);
  await finish(client);
});

test('eof before audio is answered and closed 1000, with any spaces', async () => {
  expect(await finish(await connect())).toBe('{"text": ""}');
  const client = await connect();
  client.send('{"eof":1}');
  expect(await client.reply()).toBe('{"text": ""}');
  expect((await client.closed).code).toBe(1000);
});

test('eof after audio without words is the empty text as a result prints it', async () => {
  const client = await connect();
  client.send(SILENCE);
  await client.reply();
  expect(await finish(client)).toBe('{\n  "text" : ""\n}');
});

test('a reset is answered with what was said so far and keeps the connection and its count of seconds', async () => {
  const client = await connect();
  const pcm = await pcmOf('pin', 16_000);
  const seconds = pcm.length / 32_000;
  client.send('{"config":{"sample_rate":16000}}');
  const starts: number[] = [];
  for (let round = 0; round < 2; round++) {
    client.send(pcm);
    client.send('{"reset" : 1}');
    const replies = [JSON.parse(await client.reply()), JSON.parse(await client.reply())] as Result[];
    expect(textIn(replies)).toBe(textOf('pin'));
    starts.push(replies.flatMap(({ result = [] }) => result)[0]?.start ?? Number.NaN);
  }
  expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeCloseTo(seconds, 1);
  client.send('{"reset" : 1}');
  expect(await client.reply()).toBe('{"text": ""}');
  expect(await finish(client)).toBe('{"text": ""}');
});

test('an empty frame and an odd number of bytes are one reply each', async () => {
  const client = await connect();
  for (const bytes of [0, 1, 3201, 2]) client.send(Buffer.alloc(bytes));
  for (let index = 0; index < 4; index++) expect(await client.reply()).toBe(EMPTY_PARTIAL);
  await finish(client);
});

test('pipelined frames get as many replies, in order, whatever their size', async () => {
  const client = await connect();
  client.send('{"config":{"sample_rate":16000}}');
  const frames = cutBytes(await pcmOf('phone-number', 16_000), 320);
  for (const frame of frames) client.send(frame);
  const replies: Result[] = [];
  for (const _ of frames) replies.push(JSON.parse(await client.reply()));
  replies.push(JSON.parse(await finish(client)));
  expect(textIn(replies)).toBe(textOf('phone-number'));
});

test('a thousand one-byte frames get a thousand replies', async () => {
  const client = await connect();
  for (let index = 0; index < 1000; index++) client.send(Buffer.alloc(1));
  for (let index = 0; index < 1000; index++) expect(await client.reply()).toBe(EMPTY_PARTIAL);
  await finish(client);
});

test('1,048,576 bytes are taken, one more closes 1009', async () => {
  const client = await connect();
  client.send('{"config":{"sample_rate":48000}}');
  client.send(Buffer.alloc(1_048_576));
  expect(await client.reply()).toMatch(/^\{\n {2}"(?:partial|text)" : ""\n\}$/);
  client.send(Buffer.alloc(1_048_577));
  expect((await client.closed).code).toBe(1009);
});

test('audio after eof is ignored', async () => {
  const client = await connect();
  client.send('{"eof" : 1}');
  client.send(SILENCE);
  client.send(SILENCE);
  expect(await client.reply()).toBe('{"text": ""}');
  expect((await client.closed).code).toBe(1000);
  expect(client.unread()).toBe(0);
});

test('pings are answered while audio is heard', async () => {
  const client = await connect();
  client.send(await pcmOf('two-numbers', 16_000));
  const pong = new Promise((resolve) => client.socket.once('pong', resolve));
  client.socket.ping();
  await pong;
  await client.reply();
  expect(await finish(client)).not.toBe('');
});

test('the subprotocol that Asterisk asks for is agreed to, another is not', async () => {
  const asterisk = await connect('/', ['ws']);
  expect(asterisk.socket.protocol).toBe('ws');
  await finish(asterisk);
  // What the client is not given it does not go on without.
  await expect(connectSocket(server.vosk, ['else'])).rejects.toThrow('subprotocol');
});

test('a client that goes without a close frame leaves nothing behind', async () => {
  const client = await connect();
  client.send(SILENCE);
  await client.reply();
  client.socket.terminate();
  await expect
    .poll(async () => (await fetch(`${server.http}/metrics`)).text(), { timeout: 60_000 })
    .toMatch(/hearken_sessions_active 0\n/);
});

test('a path, or the configuration, chooses one by its id; any other path gets the first', async () => {
  for (const path of ['/other', '/en-us?x=1', '/%E0%A4%A', '//']) {
    const client = await connect(path);
    client.send(SILENCE);
    expect(await client.reply()).toBe(EMPTY_PARTIAL);
    await finish(client);
  }
  const client = await connect();
  client.send('{"config":{"model":"other"}}');
  client.send(SILENCE);
  expect(await client.reply()).toBe(EMPTY_PARTIAL);
  client.send('{"config":{"model":"codes"}}');
  client.send('{"reset" : 1}');
  expect(await client.reply()).toBe('{"text": ""}'); // another model begins another stream
  await finish(client);
});
