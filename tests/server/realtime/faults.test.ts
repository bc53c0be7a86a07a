/** Messages that cannot be done, over real sockets: each is told what is wrong with it, and the session goes on. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { fuzzRuns } from '../fuzz-runs.ts';
import { pcmOf, textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { COMPLETED, connectRealtime, sessionUpdate } from './realtime-client.ts';

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer();
  url = `ws://127.0.0.1:${server.port}/v1/realtime`;
});
afterAll(() => server.drain(0));

const COMMIT = { type: 'input_audio_buffer.commit' };
const APPEND = 'input_audio_buffer.append';

test.each([
  ['text that is no JSON', 'hello', 'invalid_json', null],
  ['other JSON', '[1]', 'invalid_json', null],
  ['a binary frame', Buffer.alloc(4), 'invalid_json', null],
  ['no type', { event_id: 'e' }, 'missing_required_parameter', 'type'],
  ['an unknown type', { type: 'response.create', event_id: 'e' }, 'invalid_value', 'type'],
  ['no audio', { type: APPEND, event_id: 'e' }, 'missing_required_parameter', 'audio'],
  ['audio of another type', { type: APPEND, audio: 1 }, 'invalid_type', 'audio'],
  ['audio that is no base64', { type: APPEND, audio: '!!' }, 'invalid_value', 'audio'],
  ['an unknown field', { ...COMMIT, x: 1 }, 'unknown_parameter', 'x'],
  ['no session', { type: 'session.update' }, 'missing_required_parameter', 'session'],
  [
    'a conversation',
    { type: 'session.update', session: { type: 'realtime' }, event_id: 'e' },
    'invalid_value',
    'session.type',
  ],
  [
    'another rate',
    sessionUpdate({ format: { type: 'audio/pcm', rate: 96_000 } }),
    'invalid_value',
    'session.audio.input.format.rate',
  ],
  [
    'another way of detecting turns',
    sessionUpdate({ turn_detection: { type: 'semantic_vad' } }),
    'invalid_value',
    'session.audio.input.turn_detection.type',
  ],
  [
    'a threshold out of range',
    sessionUpdate({ turn_detection: { type: 'server_vad', threshold: 2 } }),
    'invalid_value',
    'session.audio.input.turn_detection.threshold',
  ],
  ['an unknown field of a session', sessionUpdate({ speed: 2 }), 'unknown_parameter', 'session.audio.input.speed'],
  [
    'the format of the other dialect',
    { type: 'transcription_session.update', session: { input_audio_format: 'mp3' } },
    'invalid_value',
    'session.input_audio_format',
  ],
  ['a commit of nothing', { ...COMMIT, event_id: 'e' }, 'input_audio_buffer_commit_empty', null],
])('%s: an error that names it, and the session goes on', async (_, message, code, param) => {
  const client = await connectRealtime(url);
  await client.next();
  client.say(message);
  const { type, error } = await client.next();
  expect(type).toBe('error');
  const event_id = Object.hasOwn(message as object, 'event_id') ? 'e' : null;
  expect(error).toEqual({
    type: 'invalid_request_error',
    code,
    message: expect.stringMatching(/^Expected /),
    param,
    event_id,
  });
  client.say({ type: 'input_audio_buffer.clear' });
  expect((await client.next()).type).toBe('input_audio_buffer.cleared');
});

test('less than 100 ms is too little to commit, and stays in the buffer', async () => {
  const client = await connectRealtime(url);
  client.say(sessionUpdate({ turn_detection: null }));
  client.append(Buffer.alloc(4_000));
  client.say(COMMIT);
  expect((await client.until('error')).at(-1)?.error.message).toContain('83 ms');
  client.append(Buffer.alloc(4_000));
  client.say(COMMIT);
  expect((await client.until(COMPLETED)).at(-1)).toMatchObject({ transcript: '', usage: { seconds: 0.167 } });
});

test('a message of more than a mebibyte closes 1009', async () => {
  const client = await connectRealtime(url);
  client.append(Buffer.alloc(800_000), 800_000);
  expect((await client.closed).code).toBe(1009);
});

test('whatever a client sends, it is answered, and neither it nor a neighbour is disturbed', async () => {
  const neighbor = await connectRealtime(url);
  neighbor.say(sessionUpdate({ transcription: { grammar: 'digits' }, turn_detection: null }));
  neighbor.append(await pcmOf('pin', 24_000));
  const types = [APPEND, COMMIT.type, 'input_audio_buffer.clear', 'session.update', 'transcription_session.update'];
  const frame = fc.oneof(
    fc.json(),
    fc.string(),
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ maxLength: 5000 }).map((bytes) => ({ type: APPEND, audio: Buffer.from(bytes).toString('base64') })),
    fc
      .tuple(fc.constantFrom(...types), fc.constantFrom('audio', 'session', 'event_id'), fc.json())
      .map(([type, field, json]) => `{"type":"${type}","${field}":${json}}`),
    fc.json().map((json) => `{"type":"session.update","session":{"type":"transcription","audio":{"input":${json}}}}`),
    fc.constantFrom(...types).map((type) => ({ type })),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1, maxLength: 6 }), async (frames) => {
      const client = await connectRealtime(url);
      for (const each of frames) client.say(each);
      client.say({ type: 'the end' });
      for (;;) {
        const { type, error } = await client.next(); // rejects where the connection ends
        if (type === 'error' && error.message.endsWith('got "the end"')) break;
      }
      client.close();
    }),
    { numRuns: fuzzRuns(100) },
  );
  neighbor.say(COMMIT);
  expect((await neighbor.until(COMPLETED)).at(-1)?.transcript).toBe(textOf('pin'));
}, 600_000);
