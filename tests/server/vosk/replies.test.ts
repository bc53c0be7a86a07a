/** What is said, in the words of vosk-server. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { cutBytes, pcmOf, textOf } from '../recordings.ts';
import { connectSocket, type SocketClient } from '../socket-client.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { EMPTY_PARTIAL, finish, recite, type Result, textIn } from './vosk-client.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.drain(0));

const connect = (): Promise<SocketClient> => connectSocket(server.vosk);

test('partials grow, words come with times and confidence, as vosk prints them', async () => {
  const client = await connect();
  client.send('{ "config" : { "sample_rate" : 16000.0 } }');
  const raw: string[] = [];
  for (const frame of cutBytes(await pcmOf('phone-number', 16_000), 6400)) {
    client.send(frame);
    raw.push(await client.reply());
  }
  raw.push(await finish(client));
  expect(textIn(raw.map((each) => JSON.parse(each)))).toBe(textOf('phone-number'));
  expect(raw[0]).toBe(EMPTY_PARTIAL);
  expect(raw.some((each) => /^\{\n {2}"partial" : "five[a-z ]*"\n\}$/.test(each))).toBe(true);
  const word =
    '\\{\\n {6}"conf" : [01]\\.\\d{6},\\n {6}"end" : \\d+\\.\\d{6},\\n {6}"start" : \\d+\\.\\d{6},\\n {6}"word" : "[a-z]+"\\n {4}\\}';
  const result = raw.find((each) => each.includes('"result"'));
  expect(result).toMatch(
    new RegExp(`^\\{\\n {2}"result" : \\[${word}(?:, ${word})*\\],\\n {2}"text" : "[a-z ]+"\\n\\}$`),
  );
});

test('a final never has a partial, a partial never has a text, and every text is a string', async () => {
  for (const reply of await recite(await connect(), 'two-numbers')) {
    const { partial, text, ...rest } = reply;
    expect([typeof partial, typeof text].toSorted()).toEqual(['string', 'undefined']);
    expect(Object.keys(rest).every((name) => name === 'result' && text !== undefined)).toBe(true);
  }
});

test('without words there is no list of them', async () => {
  const replies = await recite(await connect(), 'pin', { words: 0 });
  expect(textIn(replies)).toBe(textOf('pin'));
  expect(replies.some((reply) => 'result' in reply)).toBe(false);
});

test('alternatives wrap results', async () => {
  const client = await connect();
  client.send('{"config":{"sample_rate":16000,"max_alternatives":3}}');
  client.send('{"reset" : 1}');
  expect(await client.reply()).toBe('{"alternatives" : [{"text": "", "confidence" : 1.0}] }');
  client.send(await pcmOf('pin', 16_000));
  const [audio, last] = [JSON.parse(await client.reply()), JSON.parse(await finish(client))];
  const { alternatives } = 'alternatives' in audio ? audio : last;
  expect(alternatives).toEqual([{ confidence: expect.any(Number), result: expect.any(Array), text: textOf('pin') }]);
  expect(alternatives[0].result[0]).toEqual({ end: expect.any(Number), start: expect.any(Number), word: 'four' });
});

test('a phrase list is the grammar, [unk] stands for nothing', async () => {
  const replies = await recite(await connect(), 'pin', { phrase_list: ['four two', 'nine', '[unk]'] });
  const said = new Set(textIn(replies).split(' '));
  expect([...said].every((word) => ['four', 'two', 'nine'].includes(word))).toBe(true);
  expect(said.has('four')).toBe(true);
});

test('audio at the default 8000 Hz needs no configuration', async () => {
  const client = await connect();
  client.send(await pcmOf('pin', 8000));
  const replies = [await client.reply(), await finish(client)].map((each) => JSON.parse(each) as Result);
  expect(textIn(replies)).toBe(textOf('pin'));
});
