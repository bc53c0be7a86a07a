import { execFile } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createHttpServer, type HttpServer } from '../../../server/http-server.ts';
import { routeUpgrades } from '../../../server/upgrades.ts';
import { createCertificate } from '../certificate.ts';
import { textOf } from '../recordings.ts';
import { startTestServer, type TestServer } from '../test-server.ts';
import { missingPrograms, skipNote } from '../../installed.ts';
import { type Answer, answersIn, rawAnswer } from './raw-answers.ts';

const run = promisify(execFile);
const SAMPLE = fileURLToPath(new URL('../../../samples/pin.wav', import.meta.url));

/** What Java's client and curl add to a request; `more` are tokens of `Connection`. */
const upgrade = (more = ''): string =>
  `Host: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings${more}\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n`;
const LAST = `GET /last HTTP/1.1\r\n${upgrade(', close')}\r\n`;

/** Requests on one connection, what is written at once in one string, and how they are answered. */
const REQUESTS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['a request', [LAST], ['GET /last ']],
  [
    'a body of a length',
    [`POST /a HTTP/1.1\r\n${upgrade(', close')}Content-Length: 5\r\n\r\nhello`],
    ['POST /a hello'],
  ],
  [
    'a body that comes later',
    [`POST /a HTTP/1.1\r\n${upgrade(', close')}Content-Length: 5\r\n\r\n`, 'he', 'llo'],
    ['POST /a hello'],
  ],
  [
    'a body in chunks',
    [`POST /a HTTP/1.1\r\n${upgrade(', close')}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
    ['POST /a hello'],
  ],
  [
    'a body that waits to be asked for',
    [`POST /a HTTP/1.1\r\n${upgrade(', close')}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`, 'hello'],
    ['', 'POST /a hello'],
  ],
  [
    'one request after the other',
    [...Array.from({ length: 30 }, (_, index) => `GET /${index} HTTP/1.1\r\n${upgrade()}\r\n`), LAST],
    [...Array.from({ length: 30 }, (_, index) => `GET /${index} `), 'GET /last '],
  ],
  [
    'requests that do not wait for answers',
    [`GET /slow HTTP/1.1\r\n${upgrade()}\r\nGET /b HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n${LAST}`],
    ['GET /slow ', 'GET /b ', 'GET /last '],
  ],
  [
    'requests behind a body, each in a packet',
    [`POST /slow HTTP/1.1\r\n${upgrade()}Content-Length: 2\r\n\r\nhi`, LAST],
    ['POST /slow hi', 'GET /last '],
  ],
  ['HTTP/1.0', [`GET /old HTTP/1.0\r\n${upgrade()}\r\n`], ['GET /old ']],
  ['letters beyond ASCII', [`GET /a HTTP/1.1\r\nX-Name: f\u00fcr\r\n${upgrade(', close')}\r\n`], ['GET /a für']],
];

describe.each([{ over: 'TCP' }, { over: 'TLS' }])('an upgrade to HTTP/2 that is not wanted, over $over', ({ over }) => {
  let made: HttpServer;
  let ca: string | undefined;
  beforeAll(async () => {
    const certificate = over === 'TLS' ? await createCertificate('test') : undefined;
    ca = certificate?.cert;
    made = createHttpServer((request, response) => {
      const pieces: Buffer[] = [];
      request
        .on('data', (piece: Buffer) => pieces.push(piece))
        .on('end', () => {
          const body = `${request.method} ${request.url} ${String(Buffer.concat(pieces))}`;
          const answer = (): unknown =>
            response.end(body + Buffer.from(String(request.headers['x-name'] ?? ''), 'latin1').toString());
          if (request.url === '/slow') setImmediate(answer);
          else answer();
        });
    }, certificate);
    routeUpgrades(made.server, []);
    await once(made.server.listen(0, '127.0.0.1'), 'listening');
  });
  afterAll(() => made.server.close());

  const ask = async (parts: readonly string[]): Promise<Answer[]> => {
    const { port } = made.server.address() as AddressInfo; // it listens on TCP
    return answersIn(await rawAnswer(port, parts, ca));
  };

  test.each(REQUESTS)('is ignored with %s', async (_, parts, bodies) => {
    const answers = await ask(parts);
    expect(answers.map(({ body }) => body)).toEqual(bodies);
    expect(answers.filter(({ status }) => status !== 100).map(({ status }) => status)).toEqual(
      bodies.filter((body) => body !== '').map(() => 200),
    );
  });

  test('does not come before the answer to what was asked before it, nor does the refusal of a handshake', async () => {
    const slow = 'GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
    const handshake = 'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n';
    expect((await ask([slow + LAST])).map(({ body }) => body)).toEqual(['GET /slow ', 'GET /last ']);
    expect((await ask([slow + handshake])).map(({ status }) => status)).toEqual([200, 404]);
  });
});

const noCurl = missingPrograms('curl');
const noJava = missingPrograms('javac');

describe('clients that offer HTTP/2', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(() => server.drain(0));

  test.skipIf(noCurl.length > 0)(`curl --http2 is answered, and heard${skipNote(noCurl)}`, async ({ skip }) => {
    const { stdout } = await run('curl', ['--version']);
    skip(!stdout.includes('HTTP2'), 'this curl does not speak HTTP/2');
    const curl = async (...args: readonly string[]): Promise<string> =>
      (await run('curl', ['-sS', '--http2', '-w', ' %{http_version} %{http_code}', ...args])).stdout;
    expect(await curl(`${server.http}/livez`)).toBe('ok\n 1.1 200');
    expect(await curl(`${server.http}/v1/nothing`)).toMatch(/ 1\.1 404$/);
    expect(await curl(server.vosk.replace('ws:', 'http:'))).toMatch(/ 1\.1 426$/);
    expect(await curl('-F', `file=@${SAMPLE}`, '-F', 'response_format=text', `${server.http}/v1/transcriptions`)).toBe(
      `${textOf('pin')}\n 1.1 200`,
    );
    const urls = Array.from({ length: 20 }, () => `${server.http}/readyz`); // on one connection
    expect(await curl(...urls)).toBe('ready\n 1.1 200'.repeat(20));
  });

  test.skipIf(noJava.length > 0)(`Java's default client is answered, and heard${skipNote(noJava)}`, async () => {
    const client = fileURLToPath(new URL('DefaultHttpClient.java', import.meta.url));
    const { stdout } = await run('java', [client, server.http, SAMPLE]);
    const heard = `HTTP_1_1 200 {"text":"${textOf('pin')}"}`;
    expect(stdout.trim().split('\n')).toEqual(['/livez 200', '/v1/models 200', '/nothing 404', heard, heard]);
  });
});
