/** The table of edge cases of vosk-server, over real sockets. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { cutBytes, pcmOf, textOf } from './recordings.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { connectSocket, rawConnection, type SocketClient } from './socket-client.ts';

const SILENCE = Buffer.alloc(3200);
const EMPTY_PARTIAL = '{\n  "partial" : ""\n}';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.drain(0));

const connect = (path = '/', protocols?: readonly string[]): Promise<SocketClient> =>
  connectSocket(server.vosk + path, protocols);

/** Ends the stream; what is left unread must be this one reply. */
async function finish(client: SocketClient): Promise<string> {
  client.send('{"eof" : 1}');
  const reply = await client.reply();
  expect(await client.closed).toEqual({ code: 1000, reason: '' });
  expect(client.unread()).toBe(0);
  return reply;
}

type Result = { text?: string; partial?: string; result?: { word: string; start: number; end: number }[] };

/** Sends what the published Python client does: configuration, 0.2 s a frame, each after the reply to the last. */
async function recite(client: SocketClient, name: string, config: object = {}): Promise<Result[]> {
  client.send(JSON.stringify({ config: { sample_rate: 16_000, ...config } }));
  const replies: Result[] = [];
  for (const frame of cutBytes(await pcmOf(name, 16_000), 6400)) {
    client.send(frame);
    replies.push(JSON.parse(await client.reply()));
  }
  replies.push(JSON.parse(await finish(client)));
  return replies;
}

const textIn = (replies: readonly Result[]): string =>
  replies
    .map(({ text = '' }) => text)
    .filter((text) => text !== '')
    .join(' ');

describe('replies', () => {
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
});

describe('edge cases', () => {
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
});

describe('models', () => {
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
});

describe('refusals', () => {
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

  test('malformed messages by the hundred close their own connection and no other', async () => {
    const neighbour = await connect();
    neighbour.send('{"config":{"sample_rate":16000}}');
    const frames = cutBytes(await pcmOf('pin', 16_000), 3200);
    const replies: Result[] = [];
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((json) => `{"config":${json}}`),
        ),
        async (sent) => {
          const client = await connect();
          client.send(sent);
          client.send('{"eof" : 1}');
          const { code } = await client.closed;
          expect([1000, 1007, 1008]).toContain(code);
          const frame = frames.shift();
          if (frame === undefined) return;
          neighbour.send(frame);
          replies.push(JSON.parse(await neighbour.reply()));
        },
      ),
      { numRuns: 200 },
    );
    for (const frame of frames) {
      neighbour.send(frame);
      replies.push(JSON.parse(await neighbour.reply()));
    }
    replies.push(JSON.parse(await finish(neighbour)));
    expect(textIn(replies)).toBe(textOf('pin'));
  });

  test('bytes that are no frames at all end their own connection and no other', async () => {
    const neighbour = await connect();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const socket = await rawConnection(server.voskPort);
        socket.end(bytes);
        neighbour.send(SILENCE);
        expect(await neighbour.reply()).toBe(EMPTY_PARTIAL);
        socket.destroy();
      }),
      { numRuns: 50 },
    );
    await finish(neighbour);
  });

  test('plain HTTP on the port of the protocol is told what is expected', async () => {
    const response = await fetch(server.vosk.replace('ws:', 'http:'));
    expect(response.status).toBe(426);
  });
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
