/** Keys that are withdrawn while their streams are open, over real sockets. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { createApiKey, keyLine } from '../../../server/access/api-keys.ts';
import { type Authenticator, openAuthenticator } from '../../../server/access/authenticator.ts';
import { HearkenError } from '../../../src/errors.ts';
import { connectRaw } from '../native/native-client.ts';
import { connectRealtime, sessionUpdate } from '../realtime/realtime-client.ts';
import { pcmOf, textOf } from '../recordings.ts';
import { connectSocket, refusedHandshake } from '../socket-client.ts';
import { startTestServer, type TestServer } from '../test-server.ts';

const [PHONE, DESK] = [createApiKey(), createApiKey()];
const BOTH = [keyLine('phone', PHONE), keyLine('desk', DESK)];
const [, ONLY_DESK = ''] = BOTH;
const headersOf = (key: string): { headers: { authorization: string } } => ({
  headers: { authorization: `Bearer ${key}` },
});

let folder: string;
let authenticator: Authenticator;
let server: TestServer;
let isUnreachable = false;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hearken-keys-'));
  const keys = join(folder, 'keys');
  await writeFile(keys, BOTH.join('\n'));
  authenticator = await openAuthenticator({ keys });
  const authenticate: Authenticator['authenticate'] = async (credential, at) => {
    if (isUnreachable) throw new HearkenError('access/key-set', 'Expected the keys, got none');
    return authenticator.authenticate(credential, at);
  };
  server = await startTestServer({ access: { authenticate } });
});
afterEach(async () => {
  isUnreachable = false;
  await readAgain(BOTH);
});
afterAll(async () => {
  await server.drain(0);
  await rm(folder, { recursive: true });
});

/** As SIGHUP does once the file of keys says `lines`. */
async function readAgain(lines: readonly string[]): Promise<void> {
  await writeFile(join(folder, 'keys'), lines.join('\n'));
  await authenticator.reload();
  await server.drainRevoked();
}

test('a native stream is made durable and closed with 1008, and goes on should the key come back', async () => {
  const url = `ws://127.0.0.1:${server.port}/v1/stream`;
  const pcm = await pcmOf('pin', 16_000);
  const half = 2 * Math.floor(pcm.length / 4);
  const start = { type: 'start', encoding: 's16le', sampleRate: 16_000, grammar: 'digits' };
  const [client, neighbor] = [await connectRaw(url, headersOf(PHONE)), await connectRaw(url, headersOf(DESK))];
  for (const each of [client, neighbor]) each.say(start);
  const { session, epoch } = await client.next('started');
  for (const each of [client, neighbor]) each.say(pcm.subarray(0, half));
  await client.next('partial'); // so it has arrived
  await readAgain([ONLY_DESK]);
  let acked = 0;
  while (acked < half / 2) acked = (await client.next('ack')).samples;
  expect(await client.next('error')).toMatchObject({ code: 'access/revoked' });
  expect(await client.closed).toEqual({ code: 1008, reason: 'access/revoked' });
  expect((await refusedHandshake(url, ['hearken.v1'], headersOf(PHONE))).statusCode).toBe(401);
  expect(server.logged.some((line) => line.includes('"refused":"access/revoked"'))).toBe(true);

  await readAgain(BOTH);
  const again = await connectRaw(url, headersOf(PHONE));
  again.say({ type: 'resume', session, epoch, lastEventOffset: -1, firstSample: acked });
  expect(await again.next('resumed')).toMatchObject({ recovered: true, ackedSamples: half / 2 });
  for (const each of [again, neighbor]) {
    each.say(pcm.subarray(half));
    each.say({ type: 'CloseStream' });
    expect((await each.next('final')).text).toBe(textOf('pin'));
  }
});

test('a client of vosk-server is answered what it has sent and closed with 1008', async () => {
  const client = await connectSocket(server.vosk, [], headersOf(PHONE));
  const neighbor = await connectSocket(server.vosk, [], headersOf(DESK));
  for (const each of [client, neighbor]) each.send(Buffer.alloc(3_200));
  await client.reply();
  await readAgain([ONLY_DESK]);
  const { code, reason } = await client.closed;
  expect(code).toBe(1008);
  expect(reason).toMatch(/^access\/revoked: Expected /);
  for (const message of [Buffer.alloc(3_200), '{"eof" : 1}']) neighbor.send(message);
  for (let count = 0; count < 3; count++) await neighbor.reply();
  expect((await neighbor.closed).code).toBe(1000);
});

test('a Realtime session is told why and closed with 1008', async () => {
  const url = `ws://127.0.0.1:${server.port}/v1/realtime`;
  const client = await connectRealtime(url, headersOf(PHONE));
  const neighbor = await connectRealtime(url, headersOf(DESK));
  await client.until('session.created');
  await readAgain([ONLY_DESK]);
  expect((await client.next()).error).toMatchObject({ code: 'invalid_api_key' });
  expect(await client.closed).toEqual({ code: 1008, reason: 'access/revoked' });
  neighbor.say(sessionUpdate({ turn_detection: null }));
  expect((await neighbor.until('session.updated')).map(({ type }) => type)).not.toContain('error');
});

test('who cannot be looked up at the moment stays', async () => {
  const client = await connectSocket(server.vosk, [], headersOf(PHONE));
  isUnreachable = true;
  await server.drainRevoked();
  client.send('{"eof" : 1}');
  await client.reply();
  expect((await client.closed).code).toBe(1000);
});
