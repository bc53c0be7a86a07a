/** What is refused, and what that tells. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { connectSocket, type SocketClient } from '../socket-client.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { EMPTY_PARTIAL, recite, SILENCE } from './vosk-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.drain(0));

const connect = (): Promise<SocketClient> => connectSocket(server.vosk);

test.each([
  { sent: 'hello', code: 1007, reason: /^vosk\/json: / },
  { sent: '{"config', code: 1007, reason: /^vosk\/json: / },
  { sent: '"config"', code: 1007, reason: /^vosk\/request: / },
  { sent: '{}', code: 1007, reason: /^vosk\/request: / },
  { sent: '{"eof":2}', code: 1007, reason: /^vosk\/request: / },
  { sent: '{"config":{"sample_rate":"fast"}}', code: 1007, reason: /^vosk\/request: / },
  { sent: '{"config":{"phrase_list":"one"}}', code: 1007, reason: /^vosk\/request: / },
  { sent: '{"config":{"sample_rate":0}}', code: 1008, reason: /^vosk\/sample-rate: / },
  { sent: '{"config":{"sample_rate":8000.5}}', code: 1008, reason: /^vosk\/sample-rate: / },
  { sent: '{"config":{"model":"/etc/passwd"}}', code: 1008, reason: /^model\/unknown-id: .*codes, other/ },
  { sent: '{"config":{"phrase_list":["hello"]}}', code: 1008, reason: /^grammar\/unknown-word: / },
])('$sent closes $code with a reason', async ({ sent, code, reason }) => {
  const client = await connect();
  client.send(sent);
  expect(await client.closed).toEqual({ code, reason: expect.stringMatching(reason) });
  expect(client.unread()).toBe(0);
});

test('what was asked before the fault is answered before the close', async () => {
  const client = await connect();
  client.send(SILENCE);
  client.send('nonsense');
  expect(await client.reply()).toBe(EMPTY_PARTIAL);
  expect((await client.closed).code).toBe(1007);
});

test('plain HTTP on the port of the protocol is told what is expected', async () => {
  const response = await fetch(server.vosk.replace('ws:', 'http:'));
  expect(response.status).toBe(426);
});

test('the log tells of connections and their ends, never of what was said or asked', async () => {
  const before = server.logged.length;
  const client = await connect();
  client.send('{"config":{"phrase_list":["secretword"]}}');
  await client.closed;
  await recite(await connect(), 'pin');
  await expect.poll(() => server.logged.slice(before).filter((line) => line.includes('"closed"')).length).toBe(2);
  const lines = server.logged.slice(before).join('\n');
  expect(lines).toContain('"refused":"grammar/unknown-word"');
  expect(lines).toContain('"code":1000');
  expect(lines).not.toMatch(/secretword|four|seven/);
});
