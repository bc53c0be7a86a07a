import { readFile } from 'node:fs/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

const ORIGIN = 'https://app.example';

let server: TestServer;
beforeAll(async () => {
  const authenticate = async (key: string): Promise<{ id: string } | undefined> =>
    key === 'right' ? { id: 'key:web' } : undefined;
  server = await startTestServer({ access: { authenticate, origins: [ORIGIN] } });
});
afterAll(() => server.drain(0));

/** What a browser asks before a page of another server sends a form with a key. */
function preflight(origin: string, path = '/v1/transcriptions', more: Record<string, string> = {}): Promise<Response> {
  const headers = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  };
  return fetch(server.http + path, { method: 'OPTIONS', headers: { ...headers, ...more } });
}

test('a browser is told, without a key, that a page of an allowed origin may upload', async () => {
  const response = await preflight(ORIGIN);
  expect(response.status).toBe(204);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'access-control-allow-origin': ORIGIN,
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'authorization',
    'access-control-max-age': '600',
    vary: 'Origin',
  });
  expect(response.headers.has('access-control-allow-private-network')).toBe(false);
  const local = await preflight(ORIGIN, '/v1/audio/transcriptions', {
    'access-control-request-private-network': 'true',
  });
  expect(local.headers.get('access-control-allow-private-network')).toBe('true');
});

test('its upload is heard, and it may read the answer', async () => {
  const body = new FormData();
  body.append('file', new File([await readFile(new URL('../../../samples/pin.wav', import.meta.url))], 'pin.wav'));
  const headers = { origin: ORIGIN, authorization: 'Bearer right' };
  const response = await fetch(`${server.http}/v1/transcriptions`, { method: 'POST', headers, body });
  expect(await response.json()).toEqual({ text: textOf('pin') });
  expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
});

test('it may read why it is refused', async () => {
  const response = await fetch(`${server.http}/v1/models`, { headers: { origin: ORIGIN } });
  expect(response.status).toBe(401);
  expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
  expect(response.headers.get('access-control-expose-headers')).toBe(
    'Retry-After, WWW-Authenticate, Hearken-Incomplete, Hearken-Warning',
  );
});

test.each(['https://evil.example', 'null', 'https://app.example.evil.example', 'http://app.example'])(
  'a page of %s is told nothing',
  async (origin) => {
    const asked = await preflight(origin);
    expect(asked.status).toBe(405);
    const headers = { origin, authorization: 'Bearer right' };
    const response = await fetch(`${server.http}/v1/models`, { headers });
    expect(response.status).toBe(403);
    for (const each of [asked, response]) expect(each.headers.has('access-control-allow-origin')).toBe(false);
  },
);

test('where nothing is, a browser is not told that a page may ask', async () => {
  expect((await preflight(ORIGIN, '/v1/nothing')).status).toBe(404);
});

test('programs, which say no origin, are answered as ever', async () => {
  const response = await fetch(`${server.http}/v1/models`, { headers: { authorization: 'Bearer right' } });
  expect(response.status).toBe(200);
  expect(response.headers.has('access-control-allow-origin')).toBe(false);
});
