/** What clients may ask for, over real sockets. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { A_LAW, MU_LAW } from '../../../src/audio/g711.ts';
import { pcmOf, samplesOf, textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { COMPLETED, connectRealtime, type RealtimeClient, sessionUpdate, type Told } from './realtime-client.ts';

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
    ['?model=nova-3', 'model_not_found', 'model'],
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
    [
      { model: 'other', languages: ['de', 'en'] },
      { model: 'other', languages: ['de', 'en'] },
    ],
    [
      { model: 'gpt-transcribe', keywords: ['seven'], languages: ['en'] },
      { model: 'codes', languages: ['en'] },
    ],
    [{ grammar: ['one', 'two'] }, { model: 'codes', grammar: ['one', 'two'] }],
  ])('%j chooses %j', async (asked, transcription) => {
    expect((await updated(asked)).session).toMatchObject({ audio: { input: { transcription } } });
  });

  test.each([
    [{ model: 'nova-3' }, 'model_not_found', 'model'],
    [{ languages: ['de', 'fr'] }, 'unsupported_language', 'languages'],
    [{ keywords: 'seven' }, 'invalid_type', 'keywords'],
    [{ keyterms: ['seven'] }, 'unknown_parameter', 'keyterms'],
    [{ language: 'de' }, 'unsupported_language', 'language'],
    [{ grammar: 'no' }, 'invalid_value', 'grammar'],
  ])('%j is refused', async (asked, code, field) => {
    const param = `session.audio.input.transcription.${field}`;
    expect((await updated(asked)).error).toMatchObject({ type: 'invalid_request_error', code, param });
  });
});

describe("a client of OpenAI's models", () => {
  const MODELS = ['whisper-1', 'gpt-transcribe', 'gpt-live-transcribe', 'gpt-4o-mini-transcribe-2025-12-15'];
  const CLIENTS_COMMIT = ['gpt-live-transcribe', 'gpt-realtime-whisper'];

  const inputOf = async (client: RealtimeClient): Promise<{ transcription: unknown; turn_detection: unknown }> => {
    const { session } = await client.next();
    return (session as { audio: { input: { transcription: unknown; turn_detection: unknown } } }).audio.input; // of ours
  };

  test.each([...MODELS, ...CLIENTS_COMMIT])(
    '%s is heard by the default model, by which turns as it has them',
    async (model) => {
      const client = await connectRealtime(`${url}?intent=transcription&model=${model}`);
      const turns = CLIENTS_COMMIT.includes(model) ? null : { type: 'server_vad' };
      const expected = { transcription: { model: 'codes' }, turn_detection: turns };
      expect(await inputOf(client)).toMatchObject(expected);
      const other = await connectRealtime(`${url}?intent=transcription`);
      expect((await inputOf(other)).turn_detection).toMatchObject({ type: 'server_vad' });
      other.say(sessionUpdate({ transcription: { model } }));
      expect(await inputOf(other)).toMatchObject(expected);
    },
  );

  test('keeps the turns that it has chosen, whatever the model', async () => {
    const client = await connectRealtime(`${url}?model=gpt-realtime-whisper`);
    await client.next();
    client.say(sessionUpdate({ turn_detection: { type: 'server_vad' } }));
    await client.next();
    client.say(sessionUpdate({ transcription: { model: 'gpt-live-transcribe' } }));
    expect((await inputOf(client)).turn_detection).toMatchObject({ type: 'server_vad' });
  });

  test('is answered by a model of that name where the server has one', async () => {
    const named = await startTestServer({
      models: [
        { id: 'codes', folder: 'codes-en' },
        { id: 'whisper-1', folder: 'codes-en' },
      ],
    });
    const client = await connectRealtime(`ws://127.0.0.1:${named.port}/v1/realtime?model=whisper-1`);
    expect((await inputOf(client)).transcription).toEqual({ model: 'whisper-1' });
    await named.drain(0);
  });
});

test('what has no effect is told of in the log, by its name and once', async () => {
  const before = server.logged.length;
  const client = await connectRealtime(`${url}?intent=transcription&model=gpt-transcribe&api-version=1`);
  const transcription = { keywords: ['secretword'], prompt: 'secretword', delay: 'low' };
  const turn_detection = { type: 'server_vad', create_response: false };
  const noise_reduction = { type: 'far_field' };
  for (let time = 0; time < 2; time++) client.say(sessionUpdate({ transcription, turn_detection, noise_reduction }));
  client.say(sessionUpdate({ transcription: { keywords: [], prompt: '' }, noise_reduction: null }));
  for (let update = 0; update < 3; update++) await client.until('session.updated');
  const warnings = server.logged.slice(before).filter((line) => line.includes('have no effect'));
  expect(warnings.map((line) => (JSON.parse(line) as { settings: string[] }).settings)).toEqual([
    ['model', 'api-version'],
    [
      'transcription.delay',
      'turn_detection.create_response',
      'audio.input.noise_reduction',
      'transcription.keywords',
      'transcription.prompt',
    ],
  ]);
  expect(server.logged.slice(before).join()).not.toContain('secretword');
});

test('metrics count the protocol, the log tells neither words nor audio', async () => {
  const metrics = await (await fetch(`${server.http}/metrics`)).text();
  expect(metrics).toMatch(/hearken_connections_total\{protocol="realtime"\} [1-9]/);
  expect(server.logged.some((line) => line.includes('"protocol":"realtime"'))).toBe(true);
  expect(server.logged.join()).not.toMatch(/four|audio\/|digits/);
});
