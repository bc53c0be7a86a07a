import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';

import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createApiKey, findApiKey, keyLine, parseApiKeys } from '../../server/access/api-keys.ts';
import { createMemoryStore } from '../../server/sessions/memory-store.ts';
import type { SessionStore } from '../../server/sessions/session-store.ts';
import { ATTRIBUTES, EVENTS, SPANS } from '../../server/tracing/names.ts';
import { createTracing } from '../../server/tracing/span.ts';
import { HearkenError } from '../../src/errors.ts';
import { connectRaw } from './native/native-client.ts';
import { connectRealtime, COMPLETED, sessionUpdate } from './realtime/realtime-client.ts';
import { pcmOf, textOf } from './recordings.ts';
import { connectSocket, refusedHandshake } from './socket-client.ts';
import { startTestServer, type TestServer } from './test-server.ts';
import { recite } from './vosk/vosk-client.ts';

/** Nothing is expected to be fast. */
const PATIENTLY = { timeout: 60_000 };
const KEY = createApiKey();
const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

let server: TestServer;
let nativeUrl: string;
beforeAll(async () => {
  provider.register();
  const keys = parseApiKeys(keyLine('phone', KEY), 'keys');
  server = await startTestServer({ access: { authenticate: async (each) => findApiKey(keys, each) } });
  nativeUrl = `ws://127.0.0.1:${server.port}/v1/stream`;
});
afterAll(async () => {
  await server.drain(0);
  await provider.shutdown();
});

type Caller = {
  readonly traceId: string;
  readonly spanId: string;
  /** Carry a key and the caller's span. */ readonly headers: Record<string, string>;
  /** The spans that have ended in its trace. */ readonly spans: () => ReadableSpan[];
  /** The one span that the caller is the parent of, once it has ended. */ readonly span: () => Promise<ReadableSpan>;
};

/** A client within a trace of its own. */
function caller(): Caller {
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  const spans = (): ReadableSpan[] =>
    exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === traceId);
  const children = (): ReadableSpan[] => spans().filter((span) => span.parentSpanContext?.spanId === spanId);
  return {
    traceId,
    spanId,
    spans,
    headers: { authorization: `Bearer ${KEY}`, traceparent: `00-${traceId}-${spanId}-01` },
    span: async () => {
      await expect.poll(() => children().length, PATIENTLY).toBe(1);
      return children()[0]!; // there is one
    },
  };
}

function named(spans: readonly ReadableSpan[], name: keyof typeof SPANS): ReadableSpan[] {
  return spans.filter((span) => span.name === name);
}

function eventsOf({ events }: ReadableSpan): string[] {
  return events.map(({ name }) => name);
}

test('a native stream is a span within the caller’s, and its utterances and saves are spans within it', async () => {
  const me = caller();
  const pcm = await pcmOf('pin', 16_000); // before the connection: one that waits 10 s for audio is closed
  const client = await connectRaw(nativeUrl, { headers: me.headers });
  client.say({ type: 'start', encoding: 's16le', sampleRate: 16_000, grammar: 'digits' });
  await client.next('started');
  client.say(pcm);
  client.say({ type: 'CloseStream' });
  const { words } = await client.next('final');
  await client.closed;

  const span = await me.span();
  expect(span).toMatchObject({ name: 'hearken.stream', kind: SpanKind.SERVER, status: { code: SpanStatusCode.UNSET } });
  expect(span.attributes).toEqual({
    'hearken.protocol': 'native',
    'hearken.model.id': 'codes',
    'hearken.grammar': 'digits',
    'hearken.audio.encoding': 's16le',
    'hearken.audio.sample_rate': 16_000,
    'hearken.audio.seconds': pcm.length / 32_000,
    'hearken.close.code': 1000,
  });
  expect(eventsOf(span)).toEqual(['hearken.first_word']);
  const within = me.spans().filter((each) => each !== span);
  expect(within.every((each) => each.parentSpanContext?.spanId === span.spanContext().spanId)).toBe(true);
  expect(named(within, 'hearken.utterance').map(({ attributes }) => attributes)).toEqual([
    {
      'hearken.utterance.words': words.length,
      'hearken.utterance.reason': expect.stringMatching(/^(?:silence|end)$/),
      'hearken.batch.size': 1,
    },
  ]);
  const saved = named(within, 'hearken.snapshot');
  expect(saved.length).toBeGreaterThanOrEqual(2); // its start and its end
  for (const { attributes } of saved) expect(attributes['hearken.snapshot.bytes']).toBeGreaterThan(1_000);
  expect(within).toHaveLength(1 + saved.length);
});

test('a client that comes back has a span that says so', async () => {
  const [me, later] = [caller(), caller()];
  const client = await connectRaw(nativeUrl, { headers: me.headers });
  client.say({ type: 'start', encoding: 'mulaw', sampleRate: 8_000 });
  const { session, epoch } = await client.next('started');
  client.socket.terminate();
  expect((await me.span()).attributes).toMatchObject({ 'hearken.close.code': 1006, 'hearken.audio.seconds': 0 });

  const again = await connectRaw(nativeUrl, { headers: later.headers });
  again.say({ type: 'resume', session, epoch, lastEventOffset: -1, firstSample: 0 });
  await again.next('resumed');
  again.say({ type: 'CloseStream' });
  await again.closed;
  const span = await later.span();
  expect(span.attributes).toMatchObject({ 'hearken.audio.encoding': 'mulaw', 'hearken.model.id': 'codes' });
  expect(span.events).toMatchObject([
    { name: 'hearken.resumed', attributes: { 'hearken.resume.outcome': 'recovered' } },
  ]);
});

test('a handshake that is refused is a span with the code and the status of its answer', async () => {
  const me = caller();
  await refusedHandshake(nativeUrl, [], { headers: { ...me.headers, authorization: 'Bearer secretword' } });
  const span = await me.span();
  expect(span.attributes).toEqual({
    'hearken.protocol': 'native',
    'http.response.status_code': 401,
    'error.type': 'access/credentials',
  });
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'access/credentials' });
});

test('a handshake that is none is a span that failed', async () => {
  const me = caller();
  const headers = { ...me.headers, connection: 'Upgrade', upgrade: 'websocket' }; // but no key of its own
  const asked = request({ host: '127.0.0.1', port: server.port, path: '/v1/stream', headers }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage]; // as `node:http` declares it
  expect(response.resume().statusCode).toBe(400);
  expect((await me.span()).status).toEqual({ code: SpanStatusCode.ERROR, message: 'protocol/handshake' });
});

test('a stream that is refused has the stable code, and nothing of what was asked for', async () => {
  const me = caller();
  const client = await connectRaw(`${nativeUrl}?secretword`, { headers: me.headers });
  client.say({ type: 'start', encoding: 's16le', sampleRate: 16_000, grammar: ['secretword'] });
  await client.closed;
  const span = await me.span();
  expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'grammar/unknown-word' });
  expect(span.attributes).toEqual({
    'hearken.protocol': 'native',
    'hearken.audio.encoding': 's16le',
    'hearken.close.code': 1008,
    'error.type': 'grammar/unknown-word',
  });
});

test('a stream of vosk is a span', async () => {
  const me = caller();
  const client = await connectSocket(`${server.vosk}/other?secretword`, [], { headers: me.headers });
  await recite(client, 'pin', { phrase_list: ['one two three four five six seven eight nine zero'] });
  const span = await me.span();
  expect(span.attributes).toMatchObject({
    'hearken.protocol': 'vosk',
    'hearken.model.id': 'other',
    'hearken.grammar': 'words',
    'hearken.audio.encoding': 's16le',
    'hearken.audio.sample_rate': 16_000,
    'hearken.close.code': 1000,
  });
  expect(eventsOf(span)).toEqual(['hearken.first_word']);
  expect(me.spans().map(({ name }) => name)).toEqual(['hearken.utterance', 'hearken.stream']);
});

test('a session of the Realtime protocol is a span', async () => {
  const me = caller();
  const client = await connectRealtime(`ws://127.0.0.1:${server.port}/v1/realtime?model=codes`, {
    headers: me.headers,
  });
  client.say(sessionUpdate({ transcription: { grammar: 'digits' }, turn_detection: null }));
  client.append(await pcmOf('pin', 24_000));
  client.say({ type: 'input_audio_buffer.commit' });
  await client.until(COMPLETED);
  client.close();
  await client.closed;
  const span = await me.span();
  expect(span.attributes).toMatchObject({
    'hearken.protocol': 'realtime',
    'hearken.model.id': 'codes',
    'hearken.grammar': 'digits',
    'hearken.audio.encoding': 's16le',
    'hearken.audio.sample_rate': 24_000,
  });
  expect(eventsOf(span)).toEqual(['hearken.first_word']);
  expect(me.spans().map(({ name }) => name)).toEqual(['hearken.utterance', 'hearken.stream']);
});

function upload({ headers }: Caller, path: string, fields: Record<string, string | Blob>): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  return fetch(`${server.http}${path}`, { method: 'POST', headers, body });
}

test.each(['/v1/transcriptions', '/v1/audio/transcriptions'])('an upload to %s is one span', async (path) => {
  const me = caller();
  const file = new Blob([await readFile(new URL('../../samples/pin.wav', import.meta.url))]);
  const response = await upload(me, `${path}?secretword`, { prompt: 'secretword', model: 'other', file });
  expect(await response.json()).toEqual({ text: textOf('pin') });
  const span = await me.span();
  expect(span).toMatchObject({
    name: `POST ${path}`,
    kind: SpanKind.SERVER,
    status: { code: SpanStatusCode.UNSET },
    attributes: {
      'hearken.protocol': 'http',
      'hearken.model.id': 'other',
      'http.request.method': 'POST',
      'http.route': path,
      'url.path': path,
      'url.scheme': 'http',
      'http.response.status_code': 200,
    },
  });
  expect(span.attributes['hearken.audio.seconds']).toBeGreaterThan(1);
  expect(eventsOf(span)).toEqual(['hearken.first_word']);
  expect(me.spans()).toEqual([span]);
});

test('an upload that cannot be heard has its code; by the conventions of HTTP the server did not fail', async () => {
  const me = caller();
  await upload(me, '/v1/transcriptions', { model: 'secretword', file: new Blob([]) });
  const span = await me.span();
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.attributes).toMatchObject({ 'http.response.status_code': 400, 'error.type': 'model/unknown-id' });
});

test('an upload without a key is a span as well, and a request for anything else is none', async () => {
  const me = caller();
  const { traceparent = '' } = me.headers;
  for (const path of ['/livez', '/v1/models', '/v1/transcriptions']) {
    await fetch(`${server.http}${path}`, { headers: { ...me.headers } });
  }
  await upload({ ...me, headers: { traceparent } }, '/v1/transcriptions', {});
  const { attributes } = await me.span();
  expect(attributes).toMatchObject({ 'http.response.status_code': 401, 'error.type': 'access/credentials' });
});

test('an upload whose sender goes away in the middle ends its span, and is no failure of the server', async () => {
  const me = caller();
  const leaving = new AbortController();
  const body = new ReadableStream({
    start: (sender) => sender.enqueue(new TextEncoder().encode('--x\r\ncontent-disposition: form-data; name="file"')),
  });
  const headers = { ...me.headers, 'content-type': 'multipart/form-data; boundary=x' };
  const options = { method: 'POST', body, headers, signal: leaving.signal, duplex: 'half' } as const;
  const asked = fetch(`${server.http}/v1/transcriptions`, options).catch(() => undefined);
  const connected = async (): Promise<string> =>
    (await fetch(`${server.http}/metrics`, { headers: { authorization: `Bearer ${KEY}` } })).text();
  await expect.poll(connected, PATIENTLY).toMatch(/^hearken_connections_active\{protocol="http"\} 1$/m);
  leaving.abort();
  await asked;
  const span = await me.span();
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.attributes).toMatchObject({ 'error.type': 'request/aborted' });
  expect(span.attributes).not.toHaveProperty(['http.response.status_code']);
});

test('where a request has a span of the process already, ours is within that', async () => {
  const outer = provider.getTracer('instrumentation').startSpan('POST');
  context.with(trace.setSpan(context.active(), outer), () => {
    createTracing('0').begin('hearken.stream', caller().headers, {}).end();
  });
  const [inner] = exporter.getFinishedSpans().slice(-1);
  expect(inner?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
});

test('a stream that a drain ends has it among its events, and its last save', async () => {
  const leaving = await startTestServer();
  const me = caller();
  const client = await connectRaw(`ws://127.0.0.1:${leaving.port}/v1/stream`, { headers: me.headers });
  client.say({ type: 'start', encoding: 's16le', sampleRate: 16_000 });
  await client.next('started');
  await leaving.drain(20_000);
  const span = await me.span();
  expect(span.attributes).toMatchObject({ 'hearken.close.code': 1012 });
  expect(eventsOf(span)).toEqual(['hearken.draining']);
  expect(named(me.spans(), 'hearken.snapshot')).toHaveLength(2);
});

test('a save that fails is a span with its code; the stream goes on, and has not failed', async () => {
  const store = createMemoryStore();
  const full: SessionStore = {
    ...store,
    save: async (record) => {
      if (record.revision > 1) throw new HearkenError('session/store', 'Expected room for secretword, got ENOSPC');
      return store.save(record);
    },
  };
  const other = await startTestServer({ store: full });
  const me = caller();
  const client = await connectRaw(`ws://127.0.0.1:${other.port}/v1/stream`, { headers: me.headers });
  client.say({ type: 'start', encoding: 's16le', sampleRate: 16_000 });
  client.say({ type: 'CloseStream' });
  await client.closed;
  expect((await me.span()).status.code).toBe(SpanStatusCode.UNSET);
  expect(named(me.spans(), 'hearken.snapshot').map(({ status }) => status)).toEqual([
    { code: SpanStatusCode.UNSET },
    { code: SpanStatusCode.ERROR, message: 'session/store' },
  ]);
  await other.drain(0);
});

/** Everything that an exporter sends of the spans of this file. */
function told(): unknown[] {
  return exporter
    .getFinishedSpans()
    .map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links }));
}

test('nothing of what was said, sent, asked for or presented is in any span', () => {
  const text = JSON.stringify(told());
  expect(text).toContain('"hearken.grammar":"digits"');
  const secrets = [KEY, 'secretword', '127.0.0.1', textOf('pin'), ...textOf('pin').split(' ')];
  expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
});

test("the guide's tables list the spans, events and attributes of these tests, and no others", async () => {
  const guide = await readFile(new URL('../../docs/guides/server.md', import.meta.url), 'utf8');
  const [, section = ''] = guide.split('\n### Traces\n');
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  const listed = Object.entries({ ...SPANS, ...EVENTS, ...ATTRIBUTES });
  expect(rows).toEqual(listed.map(([name, help]) => `| \`${name}\` | ${help} |`));

  const spans = exporter.getFinishedSpans();
  const events = spans.flatMap((span) => span.events);
  const names = [...spans, ...events].flatMap(({ name, attributes = {} }) => [name, ...Object.keys(attributes)]);
  expect(new Set(names)).toEqual(new Set(listed.map(([name]) => name)));
});
