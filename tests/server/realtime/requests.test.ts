/** What clients may ask for, what is refused and how, over real sockets. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { A_LAW, MU_LAW } from '../../../src/audio/g711.ts';
import { pcmOf, samplesOf, textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { COMPLETED, connectRealtime, sessionUpdate, type Told } from './realtime-client.ts';

let server: TestServer;
let url: string;
beforeAll(async () => {
  server = await startTestServer();
  url = `ws://127.0.0.1:${server.port}/v1/realtime`;
});
afterAll(() => server.drain(0));

const COMMIT = { type: 'input_audio_buffer.commit' };
const BETA = { 'openai-beta': 'realtime=v1' };

/** Samples in G.711: the code whose sample is nearest. */
function companded(samples: Float32Array, table: Float32Array | readonly number[]): Buffer {
  const codes = Array.from(table, (value, code) => ({ value, code })).toSorted((a, b) => a.value - b.value);
  return Buffer.from(
    Array.from(samples, (sample) => {
      const above = codes.findIndex(({ value }) => value >= sample);
      return (codes[above === -1 ? codes.length - 1 : above] as { code: number }).code; // it is in range
    }),
  );
}

describe('connecting', () => {
  test('the subprotocol is agreed to, also beside the key of a browser, and need not be asked for', async () => {
    expect((await connectRealtime(url)).protocol).toBe('realtime');
    const protocols = ['realtime', 'openai-insecure-api-key.x', 'openai-beta.realtime-v1'];
    expect((await connectRealtime(url, { protocols })).protocol).toBe('realtime');
    expect((await connectRealtime(url, { protocols: [] })).protocol).toBe('');
  });

  test('a session begins with its whole configuration', async () => {
    const { type, session } = await (await connectRealtime(`${url}?model=other`)).next();
    expect(type).toBe('session.created');
    expect(session).toEqual({
      type: 'transcription',
      object: 'realtime.transcription_session',
      id: expect.stringMatching(/^sess_/),
      audio: {
        input: {
          format: { type: 'audio/pcm', rate: 24_000 },
          transcription: { model: 'other' },
          noise_reduction: null,
          turn_detection: { type: 'server_vad', threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 700 },
        },
      },
      include: null,
    });
  });

  test.each([
    ['?model=whisper-1', 'model_not_found', 'model'],
    ['?intent=conversation', 'invalid_value', 'intent'],
  ])('%s is told what is wrong with it and closed with 4000', async (query, code, param) => {
    const client = await connectRealtime(url + query);
    expect((await client.next()).error).toMatchObject({ type: 'invalid_request_error', code, param });
    expect(await client.closed).toEqual({ code: 4000, reason: `invalid_request_error.${code}` });
  });

  test('other addresses of the port speak other protocols or none', async () => {
    await expect(connectRealtime(`${url}/other`)).rejects.toThrow('404');
  });
});

describe('formats', () => {
  test.each([
    ['audio/pcmu', MU_LAW],
    ['audio/pcma', A_LAW],
  ])('audio may come as %s', async (type, table) => {
    const client = await connectRealtime(url);
    client.say(sessionUpdate({ format: { type }, transcription: { grammar: 'digits' }, turn_detection: null }));
    client.append(companded(await samplesOf('pin', 8000), table), 800);
    client.say(COMMIT);
    expect((await client.until(COMPLETED)).at(-1)?.transcript).toBe(textOf('pin'));
  });
});

describe('the dialect of the beta', () => {
  test('is spoken to clients of the beta', async () => {
    const client = await connectRealtime(url, { headers: BETA });
    expect((await client.next()).type).toBe('transcription_session.created');
    const turn_detection = { type: 'server_vad', threshold: 0.4, prefix_padding_ms: 200, silence_duration_ms: 500 };
    const session = {
      input_audio_format: 'pcm16',
      input_audio_transcription: { model: 'codes', language: 'en', grammar: 'digits' },
      turn_detection,
    };
    client.say({ type: 'transcription_session.update', session });
    expect(await client.next()).toMatchObject({
      type: 'transcription_session.updated',
      session: { ...session, input_audio_noise_reduction: null, include: null },
    });
    client.append(await pcmOf('pin', 24_000));
    client.append(Buffer.alloc(48_000));
    const told = await client.until(COMPLETED);
    expect(told.at(-1)?.transcript).toBe(textOf('pin'));
    const items = told.filter(({ type }) => type.startsWith('conversation.item.') && !type.includes('transcription'));
    expect(items.map(({ type }) => type)).toEqual(['conversation.item.created']);
  });

  test('is taken from a client that speaks it without having said so', async () => {
    const client = await connectRealtime(url);
    client.say({ type: 'transcription_session.update', session: { input_audio_format: 'g711_ulaw' } });
    expect((await client.until('transcription_session.updated')).at(-1)?.session).toMatchObject({
      input_audio_format: 'g711_ulaw',
    });
  });
});

describe('models and languages', () => {
  const updated = async (transcription: object): Promise<Told> => {
    const client = await connectRealtime(url);
    await client.next();
    client.say(sessionUpdate({ transcription }));
    return client.next();
  };

  test.each([
    [{ model: 'other' }, { model: 'other' }],
    [{ language: 'en' }, { model: 'codes', language: 'en' }],
    [
      { model: 'other', language: 'en-GB', prompt: 'x' },
      { model: 'other', language: 'en-GB' },
    ],
    [{ language: '' }, { model: 'codes' }],
    [{ grammar: ['one', 'two'] }, { model: 'codes', grammar: ['one', 'two'] }],
  ])('%j chooses %j', async (asked, transcription) => {
    expect((await updated(asked)).session).toMatchObject({ audio: { input: { transcription } } });
  });

  test.each([
    [{ model: 'gpt-4o-transcribe' }, 'model_not_found', 'model'],
    [{ language: 'de' }, 'unsupported_language', 'language'],
    [{ grammar: 'no' }, 'invalid_value', 'grammar'],
  ])('%j is refused', async (asked, code, field) => {
    const param = `session.audio.input.transcription.${field}`;
    expect((await updated(asked)).error).toMatchObject({ type: 'invalid_request_error', code, param });
  });
});

const APPEND = 'input_audio_buffer.append';

describe('faults', () => {
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

  /** `HEARKEN_FUZZ_RUNS=10000` for the long form. */
  const RUNS = Number(process.env['HEARKEN_FUZZ_RUNS'] ?? 100);

  test('whatever a client sends, it is answered, and neither it nor a neighbour is disturbed', async () => {
    const neighbour = await connectRealtime(url);
    neighbour.say(sessionUpdate({ transcription: { grammar: 'digits' }, turn_detection: null }));
    neighbour.append(await pcmOf('pin', 24_000));
    const types = [APPEND, COMMIT.type, 'input_audio_buffer.clear', 'session.update', 'transcription_session.update'];
    const frame = fc.oneof(
      fc.json(),
      fc.string(),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
      fc
        .uint8Array({ maxLength: 5000 })
        .map((bytes) => ({ type: APPEND, audio: Buffer.from(bytes).toString('base64') })),
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
      { numRuns: RUNS },
    );
    neighbour.say(COMMIT);
    expect((await neighbour.until(COMPLETED)).at(-1)?.transcript).toBe(textOf('pin'));
  }, 600_000);
});

test('metrics count the protocol, the log tells neither words nor audio', async () => {
  const metrics = await (await fetch(`${server.http}/metrics`)).text();
  expect(metrics).toMatch(/hearken_connections_total\{protocol="realtime"\} [1-9]/);
  expect(server.logged.some((line) => line.includes('"protocol":"realtime"'))).toBe(true);
  expect(server.logged.join()).not.toMatch(/four|audio\/|digits/);
});
