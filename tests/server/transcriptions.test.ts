import { readFileSync } from 'node:fs';
import { setImmediate as immediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { encodeWav } from '../../src/audio/wav.ts';
import { samplesOf, textOf } from './recordings.ts';
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

type Verbose = {
  words: { word: string; start: number; end: number }[];
  segments: { id: number; start: number; end: number; text: string }[];
};

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

/** Two recordings of the same rate as the two channels of one. */
async function twoChannels(left: Float32Array, right: Float32Array): Promise<File> {
  const length = Math.max(left.length, right.length);
  const channels = [left, right].map((samples) => Float32Array.from({ length }, (_, index) => samples[index] ?? 0));
  return new File([encodeWav(channels, { sampleRate: 16_000 })], 'two.wav');
}

const TEXTS = [textOf('pin'), textOf('two-numbers')];

describe('a recording with two channels', () => {
  let two: File;
  beforeAll(async () => {
    two = await twoChannels(await samplesOf('pin', 16_000), await samplesOf('two-numbers', 16_000));
  });

  test.each([
    ['left', TEXTS[0]],
    ['1', TEXTS[1]],
    ['each', TEXTS.join('\n')],
  ])('is heard as the field `channel` says: %s', async (channel, text) => {
    const response = await post([
      ['channel', channel],
      ['file', two],
    ]);
    expect(await response.json()).toEqual({ text });
  });

  test('has words and segments that say whose they are', async () => {
    const asked = (format: string): [string, string | File][] => [
      ['channel', 'each'],
      ['response_format', format],
      ['timestamp_granularities[]', 'word'],
      ['file', two],
    ];
    type OfChannels = { words: { word: string; channel: number }[]; segments: { text: string; channel: number }[] };
    const { words, segments } = (await (await post(asked('verbose_json'))).json()) as OfChannels;
    for (const [index, text] of TEXTS.entries()) {
      expect(words.flatMap(({ word, channel }) => (channel === index ? [word] : [])).join(' ')).toBe(text);
      expect(segments.flatMap((one) => (one.channel === index ? [one.text] : [])).join(' ')).toBe(text);
    }
    expect(await (await post(asked('srt'))).text()).toMatch(/^\[channel 1\] nine/m);
    expect(await (await post(asked('vtt'))).text()).toMatch(/^<v channel 0>four/m);
  });

  test('that cancel each other is warned of', async () => {
    const samples = await samplesOf('pin', 16_000);
    const opposite = await twoChannels(
      samples,
      samples.map((sample) => -sample),
    );
    const response = await post([['file', opposite]]);
    expect(response.headers.get('hearken-warning')).toMatch(/^audio\/cancelled: /);
    expect(await response.json()).toMatchObject({ text: '', warnings: [{ code: 'audio/cancelled' }] });
  });

  test('is heard so as well where the field comes after it', async () => {
    const response = await post([
      ['file', two],
      ['channel', 'left'],
    ]);
    expect(await response.json()).toEqual({ text: TEXTS[0] });
  });
});

describe('a recording that is not whole', () => {
  // What is missing is silence at its end.
  const whole = readFileSync(fileURLToPath(new URL('../../samples/pin.wav', import.meta.url)));
  const cut = (): File => new File([whole.subarray(0, -1_000)], 'cut.wav');

  test.each([
    ['json', 'application/json', new RegExp(`^\\{"text":"${TEXTS[0]}","incomplete":\\{"code":"wav/truncated"`)],
    ['verbose_json', 'application/json', /"segments":.*"incomplete":\{"code":"wav\/truncated"/],
    ['text', 'text/plain', new RegExp(`^${TEXTS[0]}\n$`)],
    ['srt', 'text/plain', /^1\n00:00:0\d,\d{3} --> 00:00:0\d,\d{3}\nfour/],
    ['vtt', 'text/vtt', /^WEBVTT\n\nNOTE wav\/truncated: Expected .*\n\n00:00:0\d\.\d{3} --> /],
  ])('gives its words, and says why it may lack some: %s', async (format, type, body) => {
    const response = await post([
      ['response_format', format],
      ['file', cut()],
    ]);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain(type);
    expect(response.headers.get('hearken-incomplete')).toMatch(/^wav\/truncated: Expected /);
    expect(await response.text()).toMatch(body);
  });

  test.each([0x7fff_ffff, 2_000_000_000])('only because its recorder crashed is whole: a size of %d', async (size) => {
    const claimed = Buffer.from(whole);
    const at = claimed.indexOf('data') + 4;
    claimed.writeUInt32LE(size, 4);
    claimed.writeUInt32LE(size, at);
    const response = await post([['file', new File([claimed], 'crashed.wav')]]);
    expect(response.headers.has('hearken-incomplete')).toBe(false);
    expect(await response.json()).toEqual({ text: TEXTS[0] });
  });

  test('because the upload broke off is refused', async () => {
    const head = '--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';
    const response = await fetch(`${server.http}/v1/transcriptions`, {
      method: 'POST',
      body: Buffer.concat([Buffer.from(head), whole]),
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    });
    expect(response.ok).toBe(false);
  });
});

test('a segment of verbose_json lasts from its first word to its last, in numbers of whole milliseconds', async () => {
  const response = await post([
    ['file', recording('two-numbers')],
    ['response_format', 'verbose_json'],
    ['timestamp_granularities[]', 'word'],
  ]);
  const text = await response.text();
  const { words, segments } = JSON.parse(text) as Verbose;
  expect(segments.map(({ start }) => start)).toEqual([words[0]?.start, words[4]?.start]);
  expect(segments.map(({ end }) => end)).toEqual([words[3]?.end, words[8]?.end]);
  expect(text).not.toMatch(/\.\d{4}/);
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
    fault: 'a model after the recording that is not served',
    fields: [
      ['file', recording('pin')],
      ['model', 'x'],
    ],
    code: 'model/unknown-id',
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
    code: 'request/form',
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
