import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { connect, StreamError } from '../../../client/index.ts';
import { createApiKey, findApiKey, keyLine, parseApiKeys } from '../../../server/access/api-keys.ts';
import type { Authenticate } from '../../../server/access/identity.ts';
import { createTokenVerifier } from '../../../server/access/tokens.ts';
import { connectRaw } from '../native/native-client.ts';
import { pcmOf } from '../recordings.ts';
import { connectSocket, refusedHandshake } from '../socket-client.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

const [PHONE, WEB, LIMITED] = [createApiKey(), createApiKey(), createApiKey()];
const KEYS = parseApiKeys(
  [keyLine('phone', PHONE), keyLine('web', WEB), keyLine('limited', LIMITED)].join('\n'),
  'keys',
);
const SECRET = new TextEncoder().encode('0123456789abcdef0123456789abcdef');
const CLAIMS = { issuer: 'https://id.example', audience: 'hearken' };

const verifyToken = createTokenVerifier({ ...CLAIMS, keys: SECRET });
const authenticate: Authenticate = async (credential) => {
  if (credential === 'undecided') throw new Error(`cannot check ${credential}`);
  return credential.includes('.') ? verifyToken(credential) : findApiKey(KEYS, credential);
};

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({
    access: { authenticate, origins: ['https://app.example'], limits: { streams: 2, audioSecondsPerMinute: 6 } },
  });
});
afterAll(() => server.drain(0));

/** Every address at which handshakes are taken, with a subprotocol that is spoken there. */
const LISTENERS = [
  { name: '/v1/stream', url: () => `${server.http.replace('http', 'ws')}/v1/stream`, protocol: 'hearken.v1' },
  { name: '/v1/realtime', url: () => `${server.http.replace('http', 'ws')}/v1/realtime`, protocol: 'realtime' },
  { name: 'the port of vosk', url: () => server.vosk, protocol: 'ws' },
];
const bearer = (credential: string): Record<string, string> => ({ authorization: `Bearer ${credential}` });

function tokenOf(subject: string): Promise<string> {
  const jwt = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h').setSubject(subject);
  return jwt.setIssuer(CLAIMS.issuer).setAudience(CLAIMS.audience).sign(SECRET);
}

describe.each(LISTENERS)('at $name', ({ url, protocol }) => {
  test.each<[string, readonly string[], () => Promise<Record<string, string>>]>([
    ['a key in a header', [], async () => bearer(PHONE)],
    ['a token in a header', [], async () => bearer(await tokenOf('anna'))],
    ['a key as a subprotocol', [`hearken-api-key.${PHONE}`], async () => ({})],
    ["a key as OpenAI's clients send it", [`openai-insecure-api-key.${PHONE}`], async () => ({})],
    ['a key on a page of an allowed origin', [], async () => ({ ...bearer(PHONE), origin: 'https://app.example' })],
  ])('%s lets a client in, and is not said back', async (_, protocols, headers) => {
    const client = await connectSocket(url(), [protocol, ...protocols], { headers: await headers() });
    expect(client.socket.protocol).toBe(protocol);
    client.socket.close();
    await client.closed;
  });

  test.each<[string, number, Record<string, string>]>([
    ['nothing', 401, {}],
    ['a wrong key', 401, bearer(createApiKey())],
    ['the hash of a key', 401, bearer(KEYS[0]?.hash.toString('hex') ?? '')],
    ['a token of nobody', 401, bearer('a.b.c')],
    ['a password', 401, { authorization: 'Basic aGVhcms6ZW4=' }],
    ['a key on a page of another origin', 403, { ...bearer(PHONE), origin: 'https://evil.example' }],
    ['what cannot be checked now', 503, bearer('undecided')],
  ])('%s is refused with %d', async (_, status, headers) => {
    const response = await refusedHandshake(url(), [protocol], { headers });
    expect(response.statusCode).toBe(status);
    expect(response.headers['www-authenticate']).toBe(status === 401 ? 'Bearer' : undefined);
    expect(response.headers['retry-after']).toBe(status === 503 ? '5' : undefined);
  });

  test('a key in the address is none', async () => {
    const query = `?api_key=${PHONE}&access_token=${PHONE}&authorization=Bearer%20${PHONE}`;
    expect((await refusedHandshake(url() + query, [protocol])).statusCode).toBe(401);
  });

  test('a key opens so many streams at once, and another key is not concerned', async () => {
    const asLimited = { headers: bearer(LIMITED) };
    const open = [await connectSocket(url(), [], asLimited), await connectSocket(url(), [], asLimited)];
    const refused = await refusedHandshake(url(), [], asLimited);
    expect({ status: refused.statusCode, retryAfter: refused.headers['retry-after'] }).toEqual({
      status: 429,
      retryAfter: '5',
    });
    open.push(await connectSocket(url(), [], { headers: bearer(WEB) }));
    for (const { socket } of open) socket.close();
    await Promise.all(open.map(({ closed }) => closed));
  });
});

describe('over HTTP', () => {
  const paths = [
    '/v1/models',
    '/metrics',
    '/v1/transcriptions',
    '/v1/audio/transcriptions',
    '/%761/models',
    '//v1/models',
  ];

  test.each(paths)('%s is for those who have a key', async (path) => {
    const method = path.endsWith('transcriptions') ? 'POST' : 'GET';
    const anonymous = await fetch(server.http + path, { method });
    expect([401, 404]).toContain(anonymous.status);
    expect((await fetch(server.http + path, { method, headers: bearer(createApiKey()) })).status).toBe(
      anonymous.status,
    );
    const known = await fetch(server.http + path, { method, headers: bearer(PHONE) });
    expect(known.status).not.toBe(401);
  });

  test.each(['/livez', '/readyz'])('%s is for everybody', async (path) => {
    expect((await fetch(server.http + path)).status).toBe(200);
  });

  test('a refusal says what was expected, and nothing of what was sent', async () => {
    const wrong = createApiKey();
    const response = await fetch(`${server.http}/v1/models`, { headers: bearer(wrong) });
    expect(await response.json()).toEqual({
      error: {
        message: 'Expected a valid API key or token, got none',
        type: 'invalid_request_error',
        param: null,
        code: 'access/credentials',
      },
    });
  });

  test('a page of another origin is refused', async () => {
    const headers = { ...bearer(PHONE), origin: 'https://evil.example' };
    expect((await fetch(`${server.http}/v1/models`, { headers })).status).toBe(403);
  });
});

describe('a session', () => {
  test('is unknown to every client but the one that began it', async () => {
    const url = `${server.http.replace('http', 'ws')}/v1/stream`;
    const begin = await connectRaw(url, { headers: bearer(PHONE) });
    begin.say({ type: 'start', encoding: 's16le', sampleRate: 16_000 });
    const { session, epoch } = await begin.next('started');
    begin.socket.close();
    await begin.closed;
    const answerTo = async (who: string, asked: string): Promise<unknown> => {
      const client = await connectRaw(url, { headers: bearer(who) });
      client.say({ type: 'resume', session: asked, epoch, lastEventOffset: -1, firstSample: 0 });
      const answer = await client.next('resumed');
      client.socket.close();
      return answer;
    };
    const unknown = await answerTo(WEB, '00000000-0000-4000-8000-000000000000');
    expect(unknown).toMatchObject({ recovered: false });
    expect(await answerTo(WEB, session)).toEqual(unknown);
    expect(await answerTo(await tokenOf('key:phone'), session)).toEqual(unknown);
    expect(await answerTo(PHONE, session)).toMatchObject({ recovered: true });
  });
});

describe('the client', () => {
  const options = { encoding: 's16le', sampleRate: 16_000, WebSocket } as const;
  const url = (): string => `${server.http.replace('http', 'ws')}/v1/stream`;

  test('says its key, and hears', async () => {
    const stream = connect(url(), { ...options, apiKey: PHONE });
    await stream.send((await pcmOf('pin', 16_000)).subarray(0, 32_000));
    stream.close();
    const types: string[] = [];
    for await (const { type } of stream.events) types.push(type);
    expect(types).toContain('final');
  });

  test('tells at once that it has no key, and tries no more', async () => {
    const states: string[] = [];
    const stream = connect(url(), { ...options, onState: (state) => states.push(state) });
    await expect(stream.events.next()).rejects.toMatchObject({
      code: 'client/refused',
      message: expect.stringContaining('401'),
    });
    expect(states).toEqual(['closed']);
  });

  test('refuses a key that no subprotocol could carry', () => {
    expect(() => connect(url(), { ...options, apiKey: 'with space' })).toThrow(StreamError);
  });
});

test('a client that owes more audio than can be waited for is closed with 4029, and is not let in until it owes nothing', async () => {
  const limited = { headers: bearer(LIMITED) };
  const vosk = await connectSocket(server.vosk, [], limited);
  vosk.send(Buffer.alloc(16_000 * 10)); // 10 s, at the 8 kHz that vosk-server starts with, of 6 a minute
  vosk.send(Buffer.alloc(1_600));
  expect(await vosk.closed).toMatchObject({ code: 4029, reason: expect.stringContaining('limit/audio') });
  for (const { url } of LISTENERS) {
    const refused = await refusedHandshake(url(), [], limited);
    expect(refused.statusCode).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  }
});

test('neither keys nor tokens are in the log, and those who came in are called by the names of their keys', async () => {
  const lines = server.logged.join('\n');
  expect(lines).toContain('"key":"phone"');
  for (const secret of [PHONE, WEB, LIMITED, 'eyJ', 'undecided', 'anna']) expect(lines).not.toContain(secret);
});
