/** What a client does to others: nothing. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { fuzzRuns, fuzzTimeout } from '../fuzz-runs.ts';
import { cutBytes, pcmOf, textOf } from '../recordings.ts';
import { connectSocket, rawConnection, type SocketClient } from '../socket-client.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { EMPTY_PARTIAL, finish, type Result, SILENCE, textIn } from './vosk-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.drain(0));

const connect = (): Promise<SocketClient> => connectSocket(server.vosk);

/** Messages of which almost none means anything. */
const setting = fc.constantFrom('sample_rate', 'words', 'max_alternatives', 'phrase_list', 'model');
const message: fc.Arbitrary<string | Buffer> = fc.oneof(
  fc.string(),
  fc.json(),
  fc.json().map((json) => `{"config":${json}}`),
  fc.tuple(setting, fc.json()).map(([name, json]) => `{"config":{"${name}":${json}}}`),
  fc.constantFrom('{"reset" : 1}', '{"eof" : 1}'),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
);
const [RUNS, timeout] = [fuzzRuns(200), fuzzTimeout(200)];

test('malformed messages close their own connection and no other', { timeout }, async () => {
  const neighbor = await connect();
  neighbor.send('{"config":{"sample_rate":16000}}');
  const frames = cutBytes(await pcmOf('pin', 16_000), 3200);
  const replies: Result[] = [];
  await fc.assert(
    fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 4 }), async (messages) => {
      const client = await connect();
      for (const each of messages) client.send(each);
      client.send('{"eof" : 1}');
      const { code } = await client.closed;
      expect([1000, 1007, 1008]).toContain(code);
      const frame = frames.shift();
      if (frame === undefined) return;
      neighbor.send(frame);
      replies.push(JSON.parse(await neighbor.reply()));
    }),
    { numRuns: RUNS },
  );
  for (const frame of frames) {
    neighbor.send(frame);
    replies.push(JSON.parse(await neighbor.reply()));
  }
  replies.push(JSON.parse(await finish(neighbor)));
  expect(textIn(replies)).toBe(textOf('pin'));
});

test('bytes that are no frames at all end their own connection and no other', { timeout }, async () => {
  const neighbor = await connect();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
      const socket = await rawConnection(server.voskPort);
      socket.end(bytes);
      neighbor.send(SILENCE);
      expect(await neighbor.reply()).toBe(EMPTY_PARTIAL);
      socket.destroy();
    }),
    { numRuns: fuzzRuns(50) },
  );
  await finish(neighbor);
});

test('a live client is answered while an upload of half a minute is still being heard', async () => {
  const [upload, live] = [await connect(), await connect()];
  upload.send('{"config":{"sample_rate":16000}}');
  upload.send(Buffer.alloc(1_000_000));
  for (let index = 0; index < 5; index++) {
    live.send(SILENCE);
    expect(await live.reply()).toBe(EMPTY_PARTIAL);
  }
  expect(upload.unread()).toBe(0);
  await upload.reply();
  await finish(upload);
  await finish(live);
});
