import { readFileSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { textOf } from './recordings.ts';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ maximumStreams: 2 });
});
afterAll(() => server.drain(0));

function recording(name: string): File {
  return new File([readFileSync(fileURLToPath(new URL(`../../samples/${name}.wav`, import.meta.url)))], `${name}.wav`);
}

/** Posts a form whose fields come in the order given. */
function post(fields: readonly (readonly [string, string | File])[], path = '/v1/transcriptions'): Promise<Response> {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return fetch(server.http + path, { method: 'POST', body: form });
}

/** The head of a WAV file that does not say where it ends. */
function endlessWav(): Uint8Array {
  const head = readFileSync(fileURLToPath(new URL('../../samples/phone-number.wav', import.meta.url))).subarray(0, 44);
  for (const size of [4, 40]) head.writeUInt32LE(0xffffffff, size);
  return head;
}

type Verbose = { words: { word: string }[]; segments: { id: number; start: number; end: number; text: string }[] };

test('a recording of any kind is heard, at our path and at the one of OpenAI', async () => {
  for (const [name, path] of [
    ['pin', '/v1/transcriptions'],
    ['two-numbers', '/v1/audio/transcriptions'],
  ] as const) {
    const response = await post(
      [
        ['model', 'codes'],
        ['file', recording(name)],
      ],
      path,
    );
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ text: textOf(name) });
  }
});

test('verbose_json has the duration, segments and, on request, words', async () => {
  const response = await post([
    ['file', recording('two-numbers')],
    ['response_format', 'verbose_json'],
    ['timestamp_granularities[]', 'word'],
    ['timestamp_granularities[]', 'segment'],
  ]);
  const body = (await response.json()) as Verbose;
  expect(body).toMatchObject({ task: 'transcribe', text: textOf('two-numbers'), duration: expect.any(Number) });
  expect(body.words.map(({ word }) => word).join(' ')).toBe(textOf('two-numbers'));
  expect(body.segments.map(({ text }) => text).join(' ')).toBe(textOf('two-numbers'));
  expect(body.segments.map(({ id }) => id)).toEqual(body.segments.map((_, index) => index));
});

test.each([
  { format: 'text', type: 'text/plain', body: /^four seven two nine\n$/ },
  { format: 'srt', type: 'text/plain', body: /^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\nfour/ },
  { format: 'vtt', type: 'text/vtt', body: /^WEBVTT\n\n00:00:0\d\.\d{3} --> / },
])('as $format', async ({ format, type, body }) => {
  const response = await post([
    ['response_format', format],
    ['file', recording('pin')],
  ]);
  expect(response.headers.get('content-type')).toContain(type);
  expect(await response.text()).toMatch(body);
});

test.each([
  { fault: 'no recording', fields: [['model', 'codes']], code: 'request/form' },
  { fault: 'a recording in another field', fields: [['sound', recording('pin')]], code: 'request/form' },
  {
    fault: 'a model that is not served',
    fields: [
      ['model', 'x'],
      ['file', recording('pin')],
    ],
    code: 'model/unknown-id',
  },
  {
    fault: 'a model after the recording',
    fields: [
      ['file', recording('pin')],
      ['model', 'other'],
    ],
    code: 'request/form',
  },
  {
    fault: 'an unknown format',
    fields: [
      ['file', recording('pin')],
      ['response_format', 'xml'],
    ],
    code: 'request/field',
  },
  {
    fault: 'a stream of events',
    fields: [
      ['file', recording('pin')],
      ['stream', 'true'],
    ],
    code: 'request/field',
  },
  {
    fault: 'what is no audio',
    fields: [['file', new File(['hello there'], 'a.wav')]],
    code: 'audio/unknown-container',
  },
  { fault: 'an empty file', fields: [['file', new File([], 'a.wav')]], code: 'audio/unknown-container' },
  {
    fault: 'two recordings',
    fields: [
      ['file', recording('pin')],
      ['file', recording('pin')],
    ],
    code: 'FST_FILES_LIMIT',
  },
] as { fault: string; fields: [string, string | File][]; code: string }[])(
  '$fault is refused in the form of the API',
  async ({ fields, code }) => {
    const response = await post(fields);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await response.json()).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param: null, code },
    });
  },
);

test('a body that is no form is refused', async () => {
  const response = await fetch(`${server.http}/v1/transcriptions`, {
    method: 'POST',
    body: new URLSearchParams('a=b'),
  });
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
});

test('an upload that breaks off leaves no stream behind', async () => {
  const controller = new AbortController();
  const body = new ReadableStream({
    start: (sender) => {
      const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';
      sender.enqueue(new TextEncoder().encode(head));
      sender.enqueue(endlessWav());
    },
    pull: async (sender) => {
      await immediate();
      sender.enqueue(new Uint8Array(10_000));
    },
  });
  const asked = fetch(`${server.http}/v1/transcriptions`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'multipart/form-data; boundary=x' },
    signal: controller.signal,
    duplex: 'half',
  });
  const outcome = asked.catch((error: unknown) => error);
  const metrics = async (): Promise<string> => (await fetch(`${server.http}/metrics`)).text();
  await expect.poll(metrics, { timeout: 60_000 }).toMatch(/^hearken_sessions_active 1$/m);
  controller.abort();
  await outcome;
  await expect.poll(metrics, { timeout: 60_000 }).toMatch(/^hearken_connections_active\{protocol="http"\} 0$/m);
  expect(await metrics()).toMatch(/^hearken_sessions_active 0$/m);
});
