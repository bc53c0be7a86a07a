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
  { sent: '{"config":{"sample_rate":"16kHz"}}', code: 1007, reason: /`sample_rate` to be a number, got "16kHz"$/ },
  { sent: '{"config":{"sample_rate":null}}', code: 1007, reason: /`sample_rate` to be a number, got null$/ },
  { sent: '{"config":{"max_alternatives":"2.5"}}', code: 1007, reason: /`max_alternatives` .*, got "2.5"$/ },
  { sent: '{"config":{"max_alternatives":-1}}', code: 1007, reason: /`max_alternatives` .*, got -1$/ },
  {
    sent: '{"config":{"phrase_list":"one"}}',
    code: 1007,
    reason: /`phrase_list` to be a list of texts, .*, got "one"$/,
  },
  { sent: '{"config":{"phrase_list":["one",2]}}', code: 1007, reason: /`phrase_list` .*, got a list$/ },
  {
    sent: '{"config":{"phrase_list":[{"phrase":"one","weight":2}]}}',
    code: 1007,
    reason: /`phrase_list` .*, got a list$/,
  },
  {
    sent: '{"config":{"grammar":{"rules":"one"}}}',
    code: 1007,
    reason: /`grammar` to be the name .*, got another object$/,
  },
  {
    sent: '{"config":{"grammar":"digits","phrase_list":[]}}',
    code: 1007,
    reason: /`phrase_list` or `grammar` in `config`, got "both"$/,
  },
  { sent: '{"config":{"grammar":"no"}}', code: 1008, reason: /^grammar\/unknown-name: / },
  { sent: '{"config":{"grammar":{"pattern":"("}}}', code: 1008, reason: /^grammar\/pattern: / },
  { sent: '{"config":{"model":7}}', code: 1007, reason: /`model` to be a model's id, got 7$/ },
  { sent: '{"config":["words"]}', code: 1007, reason: /`config` to be an object, got a list$/ },
  { sent: '{"config":{"sample_rate":"fast"},"eof":1}', code: 1007, reason: /`sample_rate`/ },
  { sent: '{"eof":1,"reset":1}', code: 1007, reason: /^vosk\/request: / },
  { sent: '{"config":{"sample_rate":true}}', code: 1008, reason: /^vosk\/sample-rate: .*, got 1$/ },
  { sent: '{"config":{"sample_rate":0}}', code: 1008, reason: /^vosk\/sample-rate: / },
  { sent: '{"config":{"sample_rate":8000.5}}', code: 1008, reason: /^vosk\/sample-rate: / },
  { sent: '{"config":{"model":"/etc/passwd"}}', code: 1008, reason: /^model\/unknown-id: .*passwd'; .*codes, other/ },
  { sent: '{"config":{"phrase_list":["hello"]}}', code: 1008, reason: /^grammar\/unknown-word: / },
])('$sent closes $code with a reason', async ({ sent, code, reason }) => {
  const client = await connect();
  client.send(sent);
  expect(await client.closed).toEqual({ code, reason: expect.stringMatching(reason) });
  expect(client.unread()).toBe(0);
});

test('the reason of an unknown word names it, and then as many of the known ones as a close frame holds', async () => {
  const client = await connect();
  client.send('{"config":{"phrase_list":["seven eleven"]}}');
  const { code, reason } = await client.closed;
  expect(code).toBe(1008);
  expect(reason).toMatch(
    /^grammar\/unknown-word: Expected a word the model knows, got 'eleven' .*; it knows zero, one/,
  );
  expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
});

test.each([
  ['ü'.repeat(30), 'ü'.repeat(30)],
  ['ü'.repeat(31), `${'ü'.repeat(28)}…`],
  ['ไทย'.repeat(1000), `${'ไทย'.repeat(6)}ไ…`],
  ['😀'.repeat(20), `${'😀'.repeat(14)}…`],
])('the reason of the unknown word %s names it as %s', async (word, shown) => {
  const client = await connect();
  client.send(JSON.stringify({ config: { phrase_list: [word] } }));
  expect((await client.closed).reason).toContain(`, got '${shown}'`);
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

test('what has no effect is told of in the log, once and by its name only', async () => {
  const before = server.logged.length;
  const client = await connectSocket(`${server.vosk}/en-us`);
  const config = { sample_rate: 16_000, spk: 'secretvalue', 'secret name': 1, extensions: true };
  for (let time = 0; time < 2; time++) client.send(JSON.stringify({ config, id: 'secretvalue' }));
  client.send('{"eof" : 1}');
  expect((await client.closed).code).toBe(1000);
  const warnings = server.logged.slice(before).filter((line) => line.includes('have no effect'));
  const settings = warnings.map((line) => (JSON.parse(line) as { settings: string[] }).settings);
  expect(settings).toEqual([['path'], ['id', 'config.spk', 'a name of other characters', 'config.extensions']]);
  expect(server.logged.slice(before).join()).not.toContain('secret');
});
