import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { EventMessage } from '../../../client/index.ts';
import { loadModel } from '../../../src/index.ts';
import { fuzzRuns, fuzzTimeout } from '../fuzz-runs.ts';
import { cutBytes, pcmOf, textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { connectRaw, listenTo, type RawClient, rounded } from './native-client.ts';

let server: TestServer;
let url: string;
const KEEP_ALIVE = { type: 'KeepAlive' };
const START = { type: 'start', encoding: 's16le', sampleRate: 16_000 };

beforeAll(async () => {
  server = await startTestServer();
  url = `ws://127.0.0.1:${server.port}/v1/stream`;
});

afterAll(async () => {
  await server.drain(0);
});

const started = async (extra: object = {}): Promise<RawClient> => {
  const client = await connectRaw(url);
  client.say({ ...START, ...extra });
  return client;
};

test('a client hears what the engine hears of the same samples, numbered without gaps', async () => {
  const pcm = await pcmOf('phone-number', 16_000);
  const events = await listenTo(url, pcm);
  await using model = await loadModel('codes-en');
  const samples = Float32Array.from({ length: pcm.length / 2 }, (_, index) => pcm.readInt16LE(2 * index) / 32_768);
  const expected: EventMessage[] = [];
  for await (const event of model.stream([samples])) {
    if (event.type === 'final' || event.type === 'endpoint') expected.push({ ...event, offset: expected.length });
  }
  expect(rounded(events)).toEqual(rounded(expected));
  expect(JSON.stringify(events)).not.toMatch(/\.\d{7}/); // 1.4, not 1.4000000000000001
  const text = events.flatMap((event) => (event.type === 'final' ? [event.text] : [])).join(' ');
  expect(text).toBe(textOf('phone-number'));
});

test.each([
  [
    'f32le',
    (pcm: Buffer) =>
      Buffer.from(Float32Array.from({ length: pcm.length / 2 }, (_, at) => pcm.readInt16LE(2 * at) / 32_768).buffer),
  ],
] as const)('audio may come as %s', async (encoding, convert) => {
  const pcm = await pcmOf('pin', 16_000);
  const client = await started({ encoding, grammar: 'digits' });
  client.say(convert(pcm));
  client.say({ type: 'CloseStream' });
  expect((await client.next('final')).text).toBe(textOf('pin'));
  expect(await client.next('closed')).toEqual({
    type: 'closed',
    samples: pcm.length / 2,
    durationSeconds: pcm.length / 2 / 16_000,
  });
  expect((await client.closed).code).toBe(1000);
});

test('Finalize settles what is under way at once, and only if there is something', async () => {
  const client = await started({ grammar: 'digits' });
  client.say({ type: 'Finalize' });
  const pcm = await pcmOf('pin', 16_000);
  client.say(pcm.subarray(0, 2 * 16_000 * 2));
  client.say({ type: 'Finalize' });
  client.say({ type: 'Finalize' });
  const { offset } = await client.next('final');
  expect(offset).toBe(1); // after its endpoint
  client.say({ type: 'CloseStream' });
  await client.next('closed');
});

test('a form is heard as it is written, and so is the rest of a session that is told of it', async () => {
  const client = await started({ grammar: { pattern: '\\d{4}', check: [], alternatives: 2 } });
  client.say(await pcmOf('pin', 16_000));
  client.say({ type: 'CloseStream' });
  expect(await client.next('partial')).toMatchObject({ written: expect.any(String), complete: expect.any(Boolean) });
  expect(await client.next('final')).toMatchObject({
    written: '4729',
    complete: true,
    valid: true,
    alternatives: [{ written: '4729', text: textOf('pin') }, { valid: true }],
  });
});

test('acknowledges audio that is durable, and no more', async () => {
  const client = await started();
  await client.next('started');
  for (let frame = 0; frame < 45; frame++) client.say(Buffer.alloc(3_200));
  expect((await client.next('ack')).samples).toBe(32_000);
  expect((await client.next('ack')).samples).toBe(64_000);
  client.say({ type: 'CloseStream' });
  expect((await client.next('ack')).samples).toBe(72_000);
});

test.each([
  ['audio before start', [Buffer.alloc(4)], 1003, 'protocol/wrong-frame'],
  ['text that is no JSON', ['hello'], 1007, 'protocol/bad-json'],
  ['a message before start', ['{"type":"KeepAlive"}'], 1007, 'protocol/bad-message'],
  ['start twice', [JSON.stringify(START), JSON.stringify(START)], 1007, 'protocol/bad-message'],
  ['half a sample', [JSON.stringify(START), Buffer.alloc(3)], 1007, 'audio/odd-bytes'],
  [
    'NaN',
    [JSON.stringify({ ...START, encoding: 'f32le' }), Buffer.from([0, 0, 192, 127])],
    1007,
    'audio/non-finite-sample',
  ],
  ['an unknown model', [JSON.stringify({ ...START, model: 'no' })], 1008, 'model/unknown-id'],
  ['an unknown grammar', [JSON.stringify({ ...START, grammar: 'no' })], 1008, 'grammar/unknown-name'],
  [
    'a word that the model does not know',
    [JSON.stringify({ ...START, grammar: ['hello'] })],
    1008,
    'grammar/unknown-word',
  ],
  [
    'a pattern that would keep others waiting',
    [JSON.stringify({ ...START, grammar: { pattern: '(\\d{1,99}){1,99}' } })],
    1008,
    'grammar/too-large',
  ],
  ['a form with a fault', [JSON.stringify({ ...START, grammar: { jsgf: '#JSGF' } })], 1008, 'grammar/jsgf'],
] as const)('%s is refused with its reason, and a neighbour does not notice', async (_, frames, code, reason) => {
  const neighbor = await started({ grammar: 'digits' });
  const client = await connectRaw(url);
  for (const frame of frames) client.say(frame);
  const error = await client.next('error');
  expect(error.code).toBe(reason);
  expect(error.message).toMatch(/^Expected /);
  expect((await client.closed).code).toBe(code);
  neighbor.say(await pcmOf('pin', 16_000));
  neighbor.say({ type: 'CloseStream' });
  expect((await neighbor.next('final')).text).toBe(textOf('pin'));
});

test('other addresses of the port are no streams', async () => {
  await expect(connectRaw(`ws://127.0.0.1:${server.port}/v1/other`)).rejects.toThrow('404');
});

const [RUNS, timeout] = [fuzzRuns(100), fuzzTimeout(100)];

test('whatever a client sends, it is answered or refused, and a neighbour hears its own', { timeout }, async () => {
  const field = fc.constantFrom('encoding', 'sampleRate', 'model', 'grammar', 'session', 'epoch', 'lastEventOffset');
  const type = fc.constantFrom('KeepAlive', 'Finalize', 'start', 'resume', 'CloseStream');
  const frame = fc.oneof(
    fc.json(),
    fc.string(),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    type.map((each) => JSON.stringify({ type: each })),
    fc.tuple(field, fc.jsonValue()).map(([name, value]) => JSON.stringify({ ...START, [name]: value })),
  );
  const neighbor = await started({ grammar: 'digits' });
  const pieces = cutBytes(await pcmOf('pin', 16_000), 3_200);
  const count = pieces.length;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 6 }), fc.boolean(), async (frames, isStarted) => {
      const client = await connectRaw(url);
      if (isStarted) client.say(START);
      for (const each of frames) client.say(each);
      client.say({ type: 'CloseStream' });
      const { code } = await client.closed;
      expect([1000, 1003, 1007, 1008]).toContain(code);
      neighbor.say(++runs % Math.ceil(RUNS / count) === 0 ? (pieces.shift() ?? KEEP_ALIVE) : KEEP_ALIVE);
    }),
    { numRuns: RUNS },
  );
  for (const piece of pieces) neighbor.say(piece);
  neighbor.say({ type: 'CloseStream' });
  expect((await neighbor.next('final')).text).toBe(textOf('pin'));
});
